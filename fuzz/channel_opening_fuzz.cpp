// SPDX-License-Identifier: Apache-2.0
// The paths of channels: what is understood is written as it was meant.
#include <cstdint>

#include "service/channel/opening.hpp"

using namespace nigh::channel;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto opening = parse_path({reinterpret_cast<const char*>(data), size});
  if (!opening) return 0;
  auto again = parse_path(path_of(*opening));
  nigh::expect(again.has_value() && again->channel == opening->channel &&
                   again->sender == opening->sender && again->part == opening->part &&
                   again->wait == opening->wait,
               "a path changes when it is written");
  return 0;
}
