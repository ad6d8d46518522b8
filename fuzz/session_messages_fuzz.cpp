// SPDX-License-Identifier: Apache-2.0
// What only the frames of sessions carry: what decodes survives its encoding.
#include <cstdint>

#include "service/session/messages.hpp"

using namespace nigh;
using namespace nigh::session;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto resume = decode_resume(text)) {
    auto encoded = encode_resume(*resume);
    expect(encode_resume(decode_resume(encoded).value()) == encoded,
           "a RESUME does not survive its encoding");
  }
  if (auto notice = decode_notice(text)) {
    const bool is_text = !std::holds_alternative<Detached>(*notice);
    expect(!is_text || decode_notice(encode_notice(*notice)).has_value(),
           "a NOTICE does not survive its encoding");
  }
  if (auto ack = decode_output_ack(text))
    expect(encode_output_ack(*ack) == text, "two encodings of one OUTPUT_ACK");
  return 0;
}
