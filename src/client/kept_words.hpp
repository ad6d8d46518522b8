// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "io/asio.hpp"

namespace nigh::client {

// A unix socket in the clothes of a TCP socket, as io::TlsStream takes it.
tcp::socket dressed(const asio::any_io_executor& executor, UniqueFd fd);

// One length and that many bytes, no byte more. Throws Errc::closed and Errc::malformed.
awaitable<void> send_word(tcp::socket& socket, std::string_view word);
awaitable<std::string> receive_word(tcp::socket& socket);

// Packets of a SOCK_SEQPACKET link. An empty one is its end.
awaitable<std::string> receive_packet(asio::posix::stream_descriptor& link);
// False: nobody is there any more.
bool send_packet(int link, std::string_view packet);

}  // namespace nigh::client
