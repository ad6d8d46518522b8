// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "server/link/link.hpp"
#include "server/link/role_start.hpp"

namespace nigh::server {

inline constexpr char kFrontRole[] = "nigh-front";
inline constexpr char kWorkerRole[] = "nigh-worker";
inline constexpr char kPublishRole[] = "nigh-publish";

// A front, worker or publisher: this same program, started again under another name, with its link
// as standard input. Starts with a clean memory: nothing of the keeper's, no host key.
class RoleProcess {
 public:
  using Time = std::chrono::steady_clock::time_point;
  RoleProcess(const char* role, std::string log_level,
              std::vector<std::string> environment = role_environment())
      : role_(role), log_level_(std::move(log_level)), environment_(std::move(environment)) {}

  // On failure restart_at() says when to try again.
  Result<void> start(Time now);
  bool running() const { return link_.has_value(); }
  Link& link() { return *link_; }
  pid_t pid() const { return pid_; }
  void kill(int signal) const;

  // The link broke or the process ended. When to start it again: at once, but a process that keeps
  // dying young is given a second.
  void ended(Time now);
  Time restart_at() const { return restart_at_; }

 private:
  const char* role_;
  std::string log_level_;
  std::vector<std::string> environment_;
  pid_t pid_ = -1;
  std::optional<Link> link_;
  Time started_{};
  Time restart_at_{};
  int young_deaths_ = 0;
};

}  // namespace nigh::server
