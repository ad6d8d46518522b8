// SPDX-License-Identifier: Apache-2.0
// One end of a tunnel that survives its connections, and a peer that sends anything.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
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

}  // namespace

// Pieces of up to 16 bytes, each after a byte that says what happens before it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  nigh::tunnel::ResumableEnd end(200);
  Taker taker;
  char out[64];
  while (!rest.empty()) {
    auto what = static_cast<unsigned char>(rest[0]);
    rest.remove_prefix(1);
    if ((what & 0x10) != 0) end.append("0123456789");
    if ((what & 0x20) != 0) (void)end.fill({out, 1 + static_cast<std::size_t>(what & 0x0f) * 4});
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
