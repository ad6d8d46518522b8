// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace nigh::server {

// The process that speaks to the network: TLS, HTTP/2, and the pumping of bytes between streams and
// the descriptors that the worker opened. It holds no secret but the leaf's key, opens no file and
// starts no program; a sandbox makes sure of that.
int front_main(const char* log_level);

}  // namespace nigh::server
