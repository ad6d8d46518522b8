// SPDX-License-Identifier: Apache-2.0
// string key, string signature, and the rest is the data: no crash, whatever fits together.
#include <cstdint>
#include <string_view>

#include "ssh/signature.hpp"
#include "wire/reader.hpp"

using namespace nigh::ssh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nigh::wire::Reader in({reinterpret_cast<const char*>(data), size});
  auto key = parse_public_key(in.string());
  auto signature = in.string();
  if (key) (void)verify(*key, signature, in.rest(), {.require_verification = true});
  return 0;
}
