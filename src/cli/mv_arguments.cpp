// SPDX-License-Identifier: Apache-2.0
#include "cli/mv_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, MvArguments& mv) {
  app.add_flag("-n,--no-clobber", mv.keep, "What is there already stays.");
  mv.FileArguments::add_options(app, "Print a JSON object for each source, one a line.");
}

Result<void> check(const MvArguments& mv) {
  for (const auto& path : mv.paths)
    if (path.host != mv.destination.host)
      return fail(Errc::usage,
                  fmt::format("mv works within one host: '{}' and '{}' are on two (nigh cp copies "
                              "between hosts)",
                              printable(path.text()), printable(mv.destination.text())));
  return {};
}

}  // namespace

Result<MvArguments> parse_mv(const Arguments& arguments) {
  MvArguments mv;
  CLI::App app;
  add_options(app, mv);
  if (auto r = parse_file_arguments(app, arguments, "mv", mv); !r)
    return std::unexpected(r.error());
  if (mv.help) return mv;
  if (mv.paths.size() < 2)
    return fail(Errc::usage, "mv needs a source and a destination: nigh mv HOST:FROM HOST:TO");
  mv.destination = mv.paths.back();
  mv.paths.pop_back();
  if (auto r = check(mv); !r) return std::unexpected(r.error());
  return mv;
}

const Usage& mv_usage() {
  static const Usage usage{
      .name = "mv",
      .summary = "rename or move files on a host",
      .synopsis = {"mv [options] HOST:FROM HOST:TO", "mv [options] HOST:FROM... HOST:FOLDER"},
      .description =
          "Renames a file or folder on a host, or moves several into a folder there. What has the "
          "new name already is replaced, at once. Nothing is copied, so that all paths must be on "
          "one file system.\n"
          "Patterns (*, ?, [a-z]) among the sources are expanded on the host: quote them.",
      .examples = {{"nigh mv web1:app.new web1:app", "replace a file in one step"},
                   {"nigh mv 'web1:*.log' web1:/var/tmp", "several into a folder"}},
      .exits = file_exits(),
      .add_options = [](CLI::App& app) {
        static MvArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
