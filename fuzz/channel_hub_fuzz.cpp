// SPDX-License-Identifier: Apache-2.0
// Frames of four strangers to one hub, in pieces and in any order, with deaths between them; what
// it sends must be frames that a client takes.
#include <algorithm>
#include <cstdint>
#include <map>

#include "service/channel/hub.hpp"
#include "service/channel/memory_store_for_test.hpp"

using namespace nigh::channel;

namespace {

struct Host : HubHost {
  void send(ConnectionId id, std::string_view head, std::string_view payload) override {
    auto& peer = peers[id];
    if (!peer)
      peer.emplace(
          FrameDecoder::Receiver::client,
          FrameDecoder::Handler{[](Frame, std::string_view) { return nigh::Result<void>(); },
                                [](std::string_view) { return nigh::Result<void>(); }});
    nigh::expect(peer->feed(head) && peer->feed(payload), "a hub sends what is no frame");
  }
  std::size_t queued(ConnectionId) const override { return 0; }
  void close(ConnectionId id) override { peers.erase(id); }
  std::map<ConnectionId, std::optional<FrameDecoder>> peers;
};

Opening opening_of(std::uint8_t kind) {
  Opening opening{"c", static_cast<Part>(kind % 4)};
  opening.wait = (kind & 4) == 0;
  opening.window = 1 + (kind >> 4);
  if (opening.part == Part::send_messages || opening.part == Part::keep_messages)
    opening.sender = std::string(kSenderId, static_cast<char>('a' + (kind >> 3 & 1)));
  return opening;
}

// What of a stream's frame need not be looked at, as ChannelsServer does it.
void pass_beside(Hub& hub, Host& host, ConnectionId id, std::string_view& some) {
  auto passage = hub.passage(id);
  if (!passage) return;
  auto count = std::min(passage->bytes, some.size());
  if (count == 0) return;
  auto head = frame_header(Frame::piece, count);
  host.send(passage->to, {head.data(), head.size()}, some.substr(0, count));
  hub.passed(id, count);
  some.remove_prefix(count);
}

}  // namespace

// Each step: a byte of who and what, a byte of how much, then that many bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for_test::MemoryStore store;
  store.quota = 20;
  Host host;
  Hub hub(store, host);
  ConnectionId ids[4]{};
  ConnectionId last = 0;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (rest.size() >= 2) {
    const auto what = static_cast<std::uint8_t>(rest[0]);
    const auto argument = static_cast<std::uint8_t>(rest[1]);
    rest.remove_prefix(2);
    auto& id = ids[what % 4];
    if (what & 0x80) {
      hub.gone(id);
      hub.open(id = ++last, opening_of(argument));
    } else if (what & 0x40) {
      hub.gone(id);
    } else {
      auto some = rest.substr(0, argument);
      rest.remove_prefix(some.size());
      if ((what & 0x10) != 0 && hub.wants(id)) pass_beside(hub, host, id, some);
      if (hub.wants(id)) hub.feed(id, some);
    }
    if (what & 0x20) hub.settle();
  }
  hub.settle();
  nigh::expect(hub.facts().has_value(), "a hub has no facts");
  return 0;
}
