// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <vector>

#include "base/unique_fd.hpp"
#include "io/asio.hpp"

namespace nigh::io {

// A TCP socket that listens there, of that address family alone; O_NONBLOCK. Or errno.
std::expected<UniqueFd, int> listen_at(const tcp::endpoint& where);

// Listens at one port of 127.0.0.1 and of ::1, which is what "localhost" means to programs that
// connect; of a machine that has one of them only, at that. Port 0: any that is free at both. Or
// errno: EADDRINUSE also where one of them is taken, since who connects could end up there.
using ListenAt = std::function<std::expected<UniqueFd, int>(const tcp::endpoint& where)>;
std::expected<std::vector<UniqueFd>, int> listen_at_localhost(std::uint16_t port,
                                                              const ListenAt& at = listen_at);

// Of a bound socket; 0: it is not.
std::uint16_t port_of(int fd);

}  // namespace nigh::io
