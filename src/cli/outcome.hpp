// SPDX-License-Identifier: Apache-2.0
// How a command went on one host, and what is said about many.
#pragma once

#include <nigh/types.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nigh::cli {

inline constexpr int kOwnFailure = 255;

struct Outcome {
  std::string host;                  // as typed
  std::optional<ExitStatus> exit{};  // the command ended; else `error` says why there is no end
  std::optional<Error> error{};
  int status = kOwnFailure;  // exit->shell_status(), or 255
  std::string out{};         // only with --json
  std::string err{};
  std::chrono::system_clock::time_point started{};
  std::chrono::microseconds elapsed{0};
};

// "98 ok, 1 failed (web7: exit 3), 1 unreachable (web9: timeout)"
std::string summary(const std::vector<Outcome>& outcomes);

// nigh's own failure (255) before a signal before the highest exit code.
int worst_status(const std::vector<Outcome>& outcomes);

// One JSON object, without a line feed. What is no UTF-8 comes as "stdout_base64" instead of
// "stdout" (and so for stderr).
std::string to_json(const Outcome& outcome, const Command& command);

// "2026-01-31T08:00:00.123Z" (RFC 3339).
std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace nigh::cli
