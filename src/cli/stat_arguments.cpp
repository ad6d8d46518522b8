// SPDX-License-Identifier: Apache-2.0
#include "cli/stat_arguments.hpp"

#include <CLI/CLI.hpp>

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, StatArguments& stat) {
  stat.FileArguments::add_options(app, "Print a JSON object for each file, one a line.");
}

}  // namespace

Result<StatArguments> parse_stat(const Arguments& arguments) {
  StatArguments stat;
  CLI::App app;
  add_options(app, stat);
  if (auto r = parse_file_arguments(app, arguments, "stat", stat); !r)
    return std::unexpected(r.error());
  return stat;
}

const Usage& stat_usage() {
  static const Usage usage{
      .name = "stat",
      .summary = "tell all about files on hosts",
      .synopsis = {"stat [options] HOST:PATH..."},
      .description =
          "Tells type, size, mode, owners and times of files on a host. A link is shown itself.\n"
          "Patterns (*, ?, [a-z]) are expanded on the host: quote them.",
      .examples = {{"nigh stat web1:/etc/hosts", "one file"},
                   {"nigh stat --json 'web1:backups/*' | jq .size", "many, for a program"}},
      .exits = file_exits(),
      .add_options = [](CLI::App& app) {
        static StatArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
