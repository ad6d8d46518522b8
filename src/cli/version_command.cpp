// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/version.hpp"

namespace nigh::cli {

int version_command(const Arguments& arguments) {
  if (!arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h"))
    return print_help(version_usage());
  if (!arguments.empty())
    return usage_error("version", {Errc::usage, "version takes no arguments"}, kUsageStatus);
  return print(fmt::format("nigh {}\n", kVersion), 1);
}

}  // namespace nigh::cli
