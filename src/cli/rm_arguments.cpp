// SPDX-License-Identifier: Apache-2.0
#include "cli/rm_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, RmArguments& rm) {
  app.add_flag("-r,-R,--recursive", rm.recursive, "Folders too, with all that is in them.");
  app.add_flag("-f,--force", rm.force, "That something is not there is no failure.");
  rm.FileArguments::add_options(app, "Print a JSON object for each path, one a line.");
  app.get_option("--verbose")
      ->description("Tell each step of connecting, and each thing that was removed.");
}

// The whole of a file system or a home, or a folder by a name that is not its own.
bool is_protected(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  auto last = path.substr(path.rfind('/') + 1);  // npos + 1 is 0: all of it
  return path.empty() || path == "~" || last == "." || last == "..";
}

Result<void> check(const FilePath& path) {
  if (!is_protected(path.path)) return {};
  return fail(Errc::usage, fmt::format("'{}' is not to be removed: a root, a home, '.' or '..'; "
                                       "name what is in it",
                                       printable(path.text())));
}

}  // namespace

Result<RmArguments> parse_rm(const Arguments& arguments) {
  RmArguments rm;
  CLI::App app;
  add_options(app, rm);
  if (auto r = parse_file_arguments(app, arguments, "rm", rm); !r)
    return std::unexpected(r.error());
  for (const auto& path : rm.paths)
    if (auto r = check(path); !r) return std::unexpected(r.error());
  return rm;
}

const Usage& rm_usage() {
  static const Usage usage{
      .name = "rm",
      .summary = "remove files on hosts",
      .synopsis = {"rm [options] HOST:PATH..."},
      .description =
          "Removes files on a host, and with -r folders and all that is in them. A link is removed "
          "itself. Nothing is asked: there is no way back.\n"
          "Patterns (*, ?, [a-z]) are expanded on the host: quote them, so that the shell here "
          "does not. A path that exists as it is written means itself.",
      .examples = {{"nigh rm web1:old.tar", "one file in the home directory"},
                   {"nigh rm 'web1:/var/tmp/build-*.log'", "all that match"},
                   {"nigh rm -rf web1:/srv/old", "a folder, if it is there"}},
      .exits = file_exits(),
      .add_options = [](CLI::App& app) {
        static RmArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
