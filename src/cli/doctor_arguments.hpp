// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/arguments.hpp"
#include "cli/connect_arguments.hpp"

namespace nigh::cli {

// `nigh doctor` as typed.
struct DoctorArguments {
  bool help = false;
  std::string host;
  bool json = false;
  ConnectArguments connect;
};

Result<DoctorArguments> parse_doctor(const Arguments& arguments);

}  // namespace nigh::cli
