// SPDX-License-Identifier: Apache-2.0
// One end of a tunnel that survives its connections, and a peer that sends anything.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "service/tunnel/resumable_end.hpp"

namespace {

struct Taker : nigh::tunnel::ResumableTaker {
  void on_bytes(std::string_view piece) override {
    if (ended || piece.empty()) std::abort();
    bytes += piece.size();
  }
  void on_end() override {
    if (ended) std::abort();
    ended = true;
  }
  std::uint64_t bytes = 0;
  bool ended = false;
};

// Reads up to seven bytes where they are sent from.
std::size_t read_for(nigh::tunnel::ResumableEnd& end, std::span<char> rest, std::size_t& left) {
  auto room = end.room_in(rest);
  auto count = std::min({room.size(), left, std::size_t{7}});
  std::ranges::fill(room.first(count), 'x');
  left -= count;
  return end.pass(rest, count);
}

}  // namespace

// Pieces of up to 16 bytes, each after a byte that says what happens before it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  nigh::tunnel::ResumableEnd end(200);
  Taker taker;
  char out[4096];
  while (!rest.empty()) {
    auto what = static_cast<unsigned char>(rest[0]);
    rest.remove_prefix(1);
    if ((what & 0x10) != 0) end.append("0123456789");
    if ((what & 0x20) != 0) {
      std::size_t few = what & 0x0f, left = few;
      std::span<char> into(out, few < 12 ? 1 + few * 4 : sizeof out);
      (void)end.fill(into, [&](std::span<char> rest) { return read_for(end, rest, left); });
    }
    if ((what & 0xc0) == 0x40) end.end();
    if ((what & 0xc0) == 0x80) end.ack_now();
    if ((what & 0xc0) == 0xc0 && !end.go_on(what & 0x0f)) return 0;
    auto piece = rest.substr(0, what & 0x0f);
    rest.remove_prefix(piece.size());
    if (!end.receive(piece, taker)) return 0;
    if (end.received() != taker.bytes + (taker.ended ? 1 : 0) || end.kept() > 200) std::abort();
  }
  return 0;
}
