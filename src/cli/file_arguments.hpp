// SPDX-License-Identifier: Apache-2.0
// What the command lines of ls, cat, rm, mkdir, mv, stat and du have in common.
#pragma once

#include <string_view>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/connect_arguments.hpp"
#include "cli/file_path.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {

struct FileArguments {
  bool help = false;
  std::vector<FilePath> paths;  // one at least, all of them on hosts
  bool json = false;
  ConnectArguments connect;

  void add_options(CLI::App& app, const char* json_says);
};

// Parses into `file`, a base of what the options of `app` are bound to. Errc::usage.
Result<void> parse_file_arguments(CLI::App& app, const Arguments& arguments,
                                  std::string_view command, FileArguments& file);

inline constexpr int kSomeFailed = 23;  // as rsync says it
// The exit statuses that all of these commands have.
const std::vector<ExitStatusNote>& file_exits();

}  // namespace nigh::cli
