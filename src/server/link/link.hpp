// SPDX-License-Identifier: Apache-2.0
// The socket between two of nigh's processes: packets with descriptors. No event loop in it, so
// that the keeper can use it with poll(2) and the others with Asio.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace nigh::server {

struct Packet {
  std::string bytes;
  std::vector<UniqueFd> descriptors;
};

inline constexpr std::size_t kMaxPacket = 192 * 1024;  // fits the default socket buffer of Linux
inline constexpr std::size_t kMaxDescriptors = 4;

class Link {
 public:
  explicit Link(UniqueFd socket) : socket_(std::move(socket)) {}
  // Two connected ends.
  static Result<std::pair<UniqueFd, UniqueFd>> make_pair();

  // Sends now or, while the other side is slow, keeps it for flush().
  void send(std::string bytes, std::vector<UniqueFd> descriptors = {});
  // Errc::closed once the other side is gone.
  Result<void> flush();
  bool pending() const { return !queue_.empty(); }
  // Memory of what waits for flush(), roughly.
  std::size_t queued() const { return queued_; }

  // Non-blocking: nothing if there is no packet now. Errc::closed at the end; Errc::malformed for a
  // packet that is too large.
  Result<std::optional<Packet>> receive();
  int fd() const { return socket_.get(); }

 private:
  UniqueFd socket_;
  std::deque<Packet> queue_;
  std::size_t queued_ = 0;
};

}  // namespace nigh::server
