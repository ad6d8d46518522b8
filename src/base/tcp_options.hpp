// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace nigh {

// What nigh asks of every TCP connection, at both ends: no Nagle delay, a dead peer noticed within
// about a minute, and, where the kernel lists it, congestion control by bbr; by reno where the peer
// is on loopback. Whatever the kernel does not grant is done without. `fd` is connected.
void tune_tcp(int fd);

// The same of a connection that somebody's programs speak over, at the end of a tunnel: it may
// stand still for as long as its reader likes, and only one that does not answer at all is dead.
void tune_guest(int fd);

}  // namespace nigh
