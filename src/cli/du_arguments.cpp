// SPDX-License-Identifier: Apache-2.0
#include "cli/du_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

struct Raw {
  DuArguments du;
  bool summarize = false;
  std::string depth;
};

void add_options(CLI::App& app, Raw& raw) {
  app.set_help_flag();  // CLI11 comes with one; -h is for sizes here
  app.add_flag("-s,--summarize", raw.summarize, "One line for each path, which is the default.");
  app.add_option("-d,--max-depth", raw.depth, "1: a line for each folder directly in it too.")
      ->type_name("0|1")
      ->take_last();
  app.add_flag("-h,--human-readable", raw.du.human, "Sizes as 1.2K, 45M.");
  app.add_flag("-b,--bytes", raw.du.apparent,
               "The sizes of the files, in bytes, instead of what they take on disk.");
  raw.du.FileArguments::add_options(app, "Print a JSON object instead of each line.");
}

Result<void> finish(Raw& raw) {
  if (!raw.depth.empty() && raw.depth != "0" && raw.depth != "1")
    return fail(Errc::usage, fmt::format("--max-depth is 0 or 1, not '{}'", printable(raw.depth)));
  raw.du.per_folder = raw.depth == "1";
  if (raw.summarize && raw.du.per_folder)
    return fail(Errc::usage, "--summarize and --max-depth 1 exclude each other");
  return {};
}

}  // namespace

Result<DuArguments> parse_du(const Arguments& arguments) {
  Raw raw;
  CLI::App app;
  add_options(app, raw);
  if (auto r = parse_file_arguments(app, arguments, "du", raw.du); !r)
    return std::unexpected(r.error());
  if (auto r = finish(raw); !r) return std::unexpected(r.error());
  return std::move(raw.du);
}

const Usage& du_usage() {
  static const Usage usage{
      .name = "du",
      .summary = "sum up what folders on hosts hold",
      .synopsis = {"du [options] HOST:PATH..."},
      .description =
          "Sums up what a folder on a host and all folders in it take on disk, in KiB, where the "
          "data is: only the sums cross the network. What several names have in common (hard "
          "links) counts once.\n"
          "Patterns (*, ?, [a-z]) are expanded on the host: quote them.",
      .examples = {{"nigh du -h web1:/srv", "one number for the tree"},
                   {"nigh du -d 1 web1:/var | sort -n", "which folder it is"}},
      .exits = file_exits(),
      .add_options = [](CLI::App& app) {
        static Raw unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
