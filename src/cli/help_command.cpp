// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/help.hpp"
#include "cli/program.hpp"

namespace nigh::cli {

int help_command(const Arguments& arguments) {
  if (arguments.empty())
    return print(overview(text_columns(STDOUT_FILENO), Style::of(STDOUT_FILENO)), 1);
  if (arguments.size() > 1)
    return usage_error("help", {Errc::usage, "help takes one command"}, kUsageStatus);
  if (arguments[0] == "--help" || arguments[0] == "-h") return print_help(help_usage());
  const auto* usage = find_usage(arguments[0]);
  return usage != nullptr ? print_help(*usage) : unknown_command(arguments[0]);
}

}  // namespace nigh::cli
