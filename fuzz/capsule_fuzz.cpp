// SPDX-License-Identifier: Apache-2.0
// Capsules of a connect-udp stream: cut anywhere (the first byte says how), the outcome is the
// same. What comes out goes in again.
#include <cstdint>

#include "service/tunnel/capsule.hpp"

using namespace nigh;

static std::string decode(std::string_view bytes, std::size_t piece) {
  std::string seen;
  tunnel::CapsuleDecoder decoder;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    decoder.feed(bytes.substr(0, piece));
    for (;;) {
      auto datagram = decoder.next();
      if (!datagram) return seen + datagram.error().message;
      if (!*datagram) break;
      seen += tunnel::datagram_capsule(**datagram);
    }
  }
  return seen;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  auto whole = decode(bytes, SIZE_MAX);
  expect(decode(bytes, 1 + data[0]) == whole, "a cut changes what is decoded");
  return 0;
}
