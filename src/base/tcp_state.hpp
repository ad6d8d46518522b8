// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace nigh {

// What the kernel knows about a TCP connection.
struct TcpState {
  bool unconfirmed = false;               // bytes of ours that the peer's kernel has not confirmed
  std::chrono::milliseconds since_ack{};  // since a packet came, which always confirms something
  std::chrono::milliseconds round_trip{};
  // How long a confirmation takes at most as long as nothing is lost.
  std::chrono::milliseconds answer_time{};
  std::chrono::microseconds exact_round_trip{};
  std::uint64_t confirmed = 0;  // bytes of ours, since the start
};

// All zero for what is no connected TCP socket.
TcpState tcp_state(int fd);

}  // namespace nigh
