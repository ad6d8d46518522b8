// SPDX-License-Identifier: Apache-2.0
// nigh's own client configuration, ~/.config/nigh/config.toml:
//
//   [defaults]
//   timeout = "10s"
//
//   [host."web* !web9"]          # patterns as in ssh_config, against the name as typed
//   hostname = "web.example.org"
//   port = 7722
//   user = "ada"
//   identities = ["~/.ssh/id_web"]
//   identities_only = true
//   accept_new = false
//   known_hosts = ["~/.ssh/known_hosts"]
//   escape = "^]"                # or "none"
//   keep = "10m"
//   jump = "bastion,db"          # or "none"
//   resume = true
//   forward_agent = false
//
// For each setting the first table in the file that matches and has it wins; [defaults] comes last.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nigh::client {

struct HostSettings {
  std::optional<std::string> hostname;
  std::optional<std::uint16_t> port;
  std::optional<std::string> user;
  std::optional<std::vector<std::string>> identities;  // complete paths
  std::optional<bool> identities_only;
  std::optional<bool> accept_new;
  std::optional<std::vector<std::string>> known_hosts;  // complete paths
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<std::optional<char>> escape;      // nullopt inside: "none"
  std::optional<std::chrono::milliseconds> keep;  // 0: "off"
  std::optional<std::string> jump;                // hosts, nearest first; "none"
  std::optional<bool> resume;                     // false: commands end with their connection
  std::optional<bool> forward_agent;              // commands and shells find our ssh-agent
};

// The settings for `host`. The whole file is checked, whatever `host` is: an unknown key, a wrong
// type or a value out of range is Errc::usage and names file and line. `home` replaces "~".
Result<HostSettings> read_client_config(std::string_view text, std::string_view file_name,
                                        std::string_view home, std::string_view host);

// "250ms", "10s", "2m". Errc::usage unless it is more than nothing and at most a day.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace nigh::client
