// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/link/messages.hpp"
#include "server/worker/refusal.hpp"
#include "ssh/key_options.hpp"

namespace nigh::server {

// May the holder of a key with these options reach that through this server? The options mean what
// they mean to sshd: names are compared as they were typed, `*` is any port, and a key that may
// open some ports may open nothing that is not a port of TCP.
Refused may_dial(const Dial& dial, const ssh::KeyOptions& options,
                 const ForwardingSettings& settings);

// The same of listening; more than loopback is the server's to allow. bad_request: an address that
// is none.
Refused may_listen(const Listen& listen, const ssh::KeyOptions& options,
                   const ForwardingSettings& settings);

}  // namespace nigh::server
