// SPDX-License-Identifier: Apache-2.0
// A terminal's input, cut and resized anywhere. The first bytes say how large it is; 0xfe and two
// bytes more resize it. What repaints it makes a second terminal that is repainted alike.
#include <cstdint>

#include "base/error.hpp"
#include "service/terminal/repaint.hpp"
#include "service/terminal/terminal.hpp"

using namespace nigh::terminal;

static std::string all(const State& state) { return repaint(state, SIZE_MAX, PaintFrom::cursor); }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Terminal terminal(1 + data[0] % 12, 1 + data[1] % 40, 20);
  std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find('\xfe'), bytes.size());
    terminal.feed(bytes.substr(0, end));
    bytes.remove_prefix(end);
    if (bytes.size() < 3) break;
    terminal.resize(1 + static_cast<unsigned char>(bytes[1]) % 12,
                    1 + static_cast<unsigned char>(bytes[2]) % 40);
    bytes.remove_prefix(3);
  }
  const State& state = terminal.state();
  // Lines that were broken at another width are broken anew where they are painted.
  if (state.history.foreign() > 0) {
    all(state);
    return 0;
  }
  Terminal other(state.page().rows(), state.page().columns(), 20);
  other.feed(all(state));
  nigh::expect(all(other.state()) == all(state), "a repainted terminal differs");
  return 0;
}
