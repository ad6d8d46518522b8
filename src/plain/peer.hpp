// SPDX-License-Identifier: Apache-2.0
// The other end of a connected socket.
#pragma once

#include <string>

#include "io/tls_stream.hpp"
#include "plain/plain.hpp"
#include "plain/standard.hpp"

namespace nigh::plain {

// As Python shows it: ('192.0.2.7', 40123), ('::1', 40123, 0, 0). Of a unix socket's: "process 4711
// of account 1000".
std::string name_of_peer(int socket);
std::string name_of(const sockaddr* address);

// Reads into `output` until the peer has sent all. Throws what broke.
awaitable<void> receive_all(io::TlsStream& stream, Output& output);

// Both ways, to the end of both.
awaitable<void> talk(io::TlsStream& stream, Input& input, Output& output);

}  // namespace nigh::plain
