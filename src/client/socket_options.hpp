// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/asio.hpp"

namespace nigh::client {

// What protocol.md asks of every socket: no Nagle delay, a dead peer noticed within about a
// minute, and, where the kernel lists it and the peer is not this machine, congestion control by
// bbr. Whatever the kernel does not grant is done without.
void tune(tcp::socket& socket);

}  // namespace nigh::client
