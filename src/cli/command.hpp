// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string_view>
#include <utility>

#include "cli/arguments.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {

inline constexpr int kUsageStatus = 2;  // of every command but run

// What a command does, one function a file (<name>_command.cpp). Each gets what follows its name
// and returns the exit status of the program; none throws.
int run_command(const Arguments& arguments);
int forward_command(const Arguments& arguments);
int shell_command(const Arguments& arguments);
int attach_command(const Arguments& arguments);
int sessions_command(const Arguments& arguments);
int kill_command(const Arguments& arguments);
int wait_command(const Arguments& arguments);
int status_command(const Arguments& arguments);
int disconnect_command(const Arguments& arguments);
int cp_command(const Arguments& arguments);
int sync_command(const Arguments& arguments);
int ls_command(const Arguments& arguments);
int cat_command(const Arguments& arguments);
int rm_command(const Arguments& arguments);
int mkdir_command(const Arguments& arguments);
int mv_command(const Arguments& arguments);
int stat_command(const Arguments& arguments);
int du_command(const Arguments& arguments);
int listen_command(const Arguments& arguments);
int connect_command(const Arguments& arguments);
int send_command(const Arguments& arguments);
int recv_command(const Arguments& arguments);
int serve_command(const Arguments& arguments);
int token_command(const Arguments& arguments);
int doctor_command(const Arguments& arguments);
int version_command(const Arguments& arguments);
int help_command(const Arguments& arguments);

int print_help(const Usage& usage);
int usage_error(std::string_view command, const Error& error, int status);
int own_failure(const std::exception_ptr& thrown, int status);

// Parses, prints help if that was asked for, else acts; exceptions become a line on standard error.
struct Statuses {
  int usage = kUsageStatus;
  int failure = 1;
};
template <class Parsed>
int handle(const Usage& usage, Result<Parsed> parsed, int (*act)(const Parsed&),
           Statuses statuses = {}) {
  if (!parsed) return usage_error(usage.name, parsed.error(), statuses.usage);
  if (parsed->help) return print_help(usage);
  try {
    return act(*parsed);
  } catch (...) {
    return own_failure(std::current_exception(), statuses.failure);
  }
}

}  // namespace nigh::cli
