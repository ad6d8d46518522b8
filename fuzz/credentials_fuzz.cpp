// SPDX-License-Identifier: Apache-2.0
// The authorization field of a stranger; as text, and as the bytes of an SSHSIG.
#include <cstdint>

#include "server/front/credentials.hpp"
#include "wire/base64.hpp"

using namespace nigh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)server::parse_credentials(text, "alice");
  (void)server::parse_credentials("SSHSIG " + wire::base64(text), text.substr(0, 20));
  return 0;
}
