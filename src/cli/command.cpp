// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/console.hpp"
#include "cli/failure.hpp"
#include "cli/help.hpp"

namespace nigh::cli {

int print_help(const Usage& usage) {
  auto style = Style::of(STDOUT_FILENO);
  return print(help_for(usage, text_columns(STDOUT_FILENO), style), 1);
}

int usage_error(std::string_view command, const Error& error, int status) {
  complain(fmt::format("{} (nigh {} --help)", error.message, command));
  return status;
}

int own_failure(const std::exception_ptr& thrown, int status) {
  complain(to_error(thrown).message);
  return status;
}

}  // namespace nigh::cli
