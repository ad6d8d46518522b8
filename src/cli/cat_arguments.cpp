// SPDX-License-Identifier: Apache-2.0
#include "cli/cat_arguments.hpp"

#include <CLI/CLI.hpp>

namespace nigh::cli {

Result<CatArguments> parse_cat(const Arguments& arguments) {
  FileArguments file;
  CLI::App app;
  file.connect.add_options(app);
  if (auto r = parse_file_arguments(app, arguments, "cat", file); !r)
    return std::unexpected(r.error());
  return CatArguments{file.help, std::move(file.paths), std::move(file.connect)};
}

const Usage& cat_usage() {
  static const Usage usage{
      .name = "cat",
      .summary = "write files on hosts to standard output",
      .synopsis = {"cat [options] HOST:PATH..."},
      .description =
          "Writes the contents of regular files on a host to standard output, one after the other, "
          "byte for byte and at the speed of the connection. Nothing is kept in memory or on "
          "disk.\n"
          "Patterns (*, ?, [a-z]) are expanded on the host: quote them, so that the shell here "
          "does not.",
      .examples = {{"nigh cat web1:/etc/os-release", "one file"},
                   {"nigh cat 'web1:/var/log/app-*.log.zst' | zstdcat | grep error",
                    "search in many without copying them"}},
      .exits = file_exits(),
      .add_options = [](CLI::App& app) {
        static ConnectArguments unused;
        unused.add_options(app);
      }};
  return usage;
}

}  // namespace nigh::cli
