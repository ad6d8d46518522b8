// SPDX-License-Identifier: Apache-2.0
// Sockets that wait for others.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "plain/plain.hpp"

namespace nigh::plain {

// One for each of the addresses, or the one of a path. A path's file goes with the object.
class Listening {
 public:
  // Throws what is wrong with the address, the port or the path.
  static awaitable<Listening> open(Options options);
  Listening(Listening&& other) noexcept;
  Listening& operator=(Listening&&) = delete;
  ~Listening();

  std::vector<UniqueFd> take() { return std::move(sockets_); }
  std::uint16_t port() const { return port_; }

 private:
  Listening() = default;
  void bind_to_all(const Options& options, std::vector<tcp::endpoint> addresses);
  void bind_to(const tcp::endpoint& address, int type);
  void bind_to_path(const std::string& path);

  std::vector<UniqueFd> sockets_;
  std::uint16_t port_ = 0;
  std::string path_;  // to be removed
};

}  // namespace nigh::plain
