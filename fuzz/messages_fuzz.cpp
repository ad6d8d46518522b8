// SPDX-License-Identifier: Apache-2.0
// Messages between the server's processes (the first byte says which pair): what decodes is exactly
// what would have been encoded.
#include <cstdint>

#include "server/link/holder_messages.hpp"
#include "wire/message.hpp"

using namespace nigh;

template <class Message>
static void check(std::string_view bytes) {
  if (auto message = wire::decode<Message>(bytes))
    expect(wire::encode(*message) == bytes, "two encodings of one message");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  using namespace server;
  constexpr void (*kChecks[])(std::string_view) = {
      check<ToFront>,       check<FromFront>,     check<ToWorker>, check<FromWorker>,
      check<FrontToWorker>, check<WorkerToFront>, check<ToHolder>, check<FromHolder>};
  kChecks[data[0] % std::size(kChecks)]({reinterpret_cast<const char*>(data + 1), size - 1});
  return 0;
}
