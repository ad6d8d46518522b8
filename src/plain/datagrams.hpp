// SPDX-License-Identifier: Apache-2.0
// The two commands for UDP: each piece of the input is a datagram, and each datagram's bytes go to
// the output.
#pragma once

#include "plain/listening.hpp"

namespace nigh::plain {

awaitable<void> listen_to_datagrams(Options options, Listening listening);
awaitable<void> connect_to_datagrams(Options options);

}  // namespace nigh::plain
