// SPDX-License-Identifier: Apache-2.0
// Session frames for each kind of receiver (the first byte says which): cut anywhere, the outcome
// is the same.
#include <cstdint>

#include "service/run/frames.hpp"

using namespace nigh::run;

static std::string decode(Receiver receiver, std::string_view bytes, std::size_t piece) {
  std::string seen;
  FrameDecoder decoder(receiver, {[&](Frame type, std::string_view payload) {
                                    seen += frame(type, payload);
                                    return nigh::Result<void>();
                                  },
                                  [&](Frame, std::string_view data) { seen += data; }});
  nigh::Result<void> fed;
  for (; fed && !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    fed = decoder.feed(bytes.substr(0, piece));
  if (fed) fed = decoder.finish();
  return fed ? seen : seen + fed.error().message;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr Receiver kReceivers[] = {Receiver::server, Receiver::client, Receiver::holder,
                                     Receiver::resuming_client};
  auto receiver = kReceivers[data[0] % 4];
  std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  nigh::expect(decode(receiver, bytes, SIZE_MAX) == decode(receiver, bytes, 1 + data[0] / 4),
               "a cut changes what is decoded");
  return 0;
}
