// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.hpp"

namespace nigh::server {

// The account that this process runs as.
struct Account {
  std::string name;
  std::string home;
  std::string shell;
  bool is_root = false;
  std::string agents = {};  // the folder in which agents of clients are reached; empty: none are
};

// From the user database; Errc::not_found if it does not list our uid.
Result<Account> own_account();

}  // namespace nigh::server
