// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace nigh {

// What nigh asks of every TCP connection, at both ends: no Nagle delay, a dead peer noticed within
// about a minute, and, where the kernel lists it and the peer is not this machine, congestion
// control by bbr. Whatever the kernel does not grant is done without. `fd` is connected.
void tune_tcp(int fd);

}  // namespace nigh
