// SPDX-License-Identifier: Apache-2.0
// Any text as a private key file: a key that is read can sign, and survives being written.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ssh/private_key.hpp"
#include "ssh/signature.hpp"

using namespace nigh::ssh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view in(reinterpret_cast<const char*>(data), size);
  (void)public_half(in);
  auto key = PrivateKey::parse(in);
  if (!key) return 0;
  auto again = PrivateKey::parse(key->to_openssh_text("comment").expose());
  if (!again || again->public_key() != key->public_key()) abort();
  auto signature = again->sign("data");
  if (signature && !verify(key->public_key(), *signature, "data")) abort();
  return 0;
}
