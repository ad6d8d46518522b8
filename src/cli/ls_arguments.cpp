// SPDX-License-Identifier: Apache-2.0
#include "cli/ls_arguments.hpp"

#include <CLI/CLI.hpp>

#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, LsArguments& ls) {
  app.set_help_flag();  // CLI11 comes with one; -h is for sizes here
  app.add_flag("-l", ls.details, "With mode, links, owner, group, size and time of change.");
  app.add_flag("-a,-A,--all", ls.all, "Names that begin with a dot too.");
  app.add_flag("-R,--recursive", ls.recursive, "What folders hold, and those in them.");
  app.add_flag("-t", ls.by_time, "Newest first.");
  app.add_flag("-S", ls.by_size, "Largest first.");
  app.add_flag("-r,--reverse", ls.reverse, "The other way round.");
  app.add_flag("-d,--directory", ls.directories, "Folders themselves, not what they hold.");
  app.add_flag("-h,--human-readable", ls.human, "Sizes as 1.2K, 45M, with -l.");
  app.add_flag("-1", ls.single, "One name a line on a terminal too.");
  ls.FileArguments::add_options(app, "Print a JSON object for each entry, one a line.");
}

}  // namespace

Result<LsArguments> parse_ls(const Arguments& arguments) {
  LsArguments ls;
  CLI::App app;
  add_options(app, ls);
  if (auto r = parse_file_arguments(app, arguments, "ls", ls); !r)
    return std::unexpected(r.error());
  if (ls.by_time && ls.by_size) return fail(Errc::usage, "-t and -S exclude each other");
  return ls;
}

const Usage& ls_usage() {
  static const Usage usage{
      .name = "ls",
      .summary = "list files on hosts",
      .synopsis = {"ls [options] HOST:PATH..."},
      .description =
          "Lists what folders on a host hold, sorted by name; a file stands for itself. A path is "
          "relative to the home directory there unless it begins with a slash; HOST: alone is the "
          "home directory.\n"
          "Patterns (*, ?, [a-z]) are expanded on the host: quote them, so that the shell here "
          "does not. A path that exists as it is written means itself.\n"
          "On a terminal names stand in columns, with control characters as \\xNN; elsewhere one "
          "a line, byte for byte.",
      .examples = {{"nigh ls web1:", "the home directory"},
                   {"nigh ls -lt 'web1:/var/log/*.log'", "logs, the one that changed last first"},
                   {"nigh ls -R --json web1:/srv", "a whole tree for a program"}},
      .exits = file_exits(),
      .add_options = [](CLI::App& app) {
        static LsArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
