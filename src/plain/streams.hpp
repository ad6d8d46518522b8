// SPDX-License-Identifier: Apache-2.0
// The two commands for sockets that are streams of bytes: TCP and unix.
#pragma once

#include "plain/listening.hpp"

namespace nigh::plain {

awaitable<void> listen_to_stream(Options options, Listening listening);
awaitable<void> connect_to_stream(Options options);

}  // namespace nigh::plain
