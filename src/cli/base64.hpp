// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nigh::cli {

// Base64 with padding (RFC 4648, section 4), for output that JSON cannot hold as text. The program
// stands on the public interface and base alone, so it does not borrow the codec of the wire.
std::string base64(std::string_view bytes);

}  // namespace nigh::cli
