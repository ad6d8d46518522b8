// SPDX-License-Identifier: Apache-2.0
// What the client takes from the process it runs in, gathered once so that tests can make it up.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace nigh::client {

struct Surroundings {
  std::string home;          // $HOME, else the passwd entry's
  std::string account_home;  // the passwd entry's, which is what OpenSSH's programs use
  std::string config_home;   // $XDG_CONFIG_HOME, else ~/.config
  std::string local_user;    // of the passwd entry: $USER survives su and sudo, and would lie
  std::string local_host;
  std::uint32_t uid = 0;
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<std::optional<std::string>(const std::string& user)> home_of;
};

Surroundings surroundings();

// The variable's value; nullopt when unset. (An empty one is set.)
std::optional<std::string> environment_variable(const std::string& name);

}  // namespace nigh::client
