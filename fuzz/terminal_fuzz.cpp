// SPDX-License-Identifier: Apache-2.0
// A terminal's input, cut and resized anywhere. The first bytes say how large it is; 0xfe and two
// bytes more resize it. What repaints it makes a second terminal that is repainted alike.
#include <cstdint>

#include "base/error.hpp"
#include "service/terminal/repaint.hpp"
#include "service/terminal/terminal.hpp"

using namespace nigh::terminal;

static std::string paint(const State& state, std::size_t lines) {
  return repaint(state, lines, PaintFrom::cursor);
}

static Terminal painted(const State& state) {
  Terminal terminal(state.page().rows(), state.page().columns(), 20);
  terminal.feed(paint(state, SIZE_MAX));
  return terminal;
}

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
  const Terminal other = painted(state);
  // Lines that were broken at another width are broken anew where they are painted.
  if (state.history.foreign() > 0) return 0;
  nigh::expect(paint(other.state(), 0) == paint(state, 0), "a repainted screen differs");
  nigh::expect(other.state().history.size() == state.history.size(), "lines came or went");
  // Of the oldest line the model may know that it continues one that has gone, which shows in its
  // bytes though not on a screen.
  const Terminal third = painted(other.state());
  nigh::expect(paint(third.state(), SIZE_MAX) == paint(other.state(), SIZE_MAX),
               "a repainted terminal differs");
  return 0;
}
