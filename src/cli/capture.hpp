// SPDX-License-Identifier: Apache-2.0
// Output kept in memory, for --json.
#pragma once

#include <nigh/async.hpp>

#include <cstddef>
#include <string>

namespace nigh::cli {

inline constexpr std::size_t kCaptureLimit = 64u << 20;  // bytes of each output

struct Captured {
  std::string out;
  std::string err;
};

// Both read a process to its end into `into`, and return how it ended. `process` and `into` must
// outlive the coroutine. Errc::too_large over kCaptureLimit.
async::awaitable<ExitStatus> capture(async::Process& process, Captured& into);
// The same while our own standard input is sent.
async::awaitable<ExitStatus> capture_with_input(async::Process& process, Captured& into);

}  // namespace nigh::cli
