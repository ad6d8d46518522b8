// SPDX-License-Identifier: Apache-2.0
// Puts a name to a peer that is not a nigh server: wrong port, wrong machine, something between.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::client {

// After a TLS handshake failed with `failure`: what `address` ("web1:7722") is instead, told from
// the first bytes that it sent (perhaps none).
Error explain_failed_handshake(std::string_view address, std::string_view first_bytes,
                               const Error& failure);

// After a TLS handshake that went well with a peer which then is none of ours. `why` completes
// "web1:7722 is a TLS server but not nigh: …".
Error not_nigh(std::string_view address, std::string_view why);

}  // namespace nigh::client
