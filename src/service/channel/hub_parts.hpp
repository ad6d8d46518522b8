// SPDX-License-Identifier: Apache-2.0
// What a Hub is made of.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/channel/frames.hpp"
#include "service/channel/opening.hpp"

namespace nigh::channel {

using ConnectionId = std::uint64_t;
struct Client;
struct ChannelState;

// Who sends live messages, beyond the connection on which it does: it may lose that one and come
// back, and what was taken is not to be given to anybody again.
struct LiveSender {
  std::string id;
  ChannelState* channel = nullptr;   // nullptr: forgotten
  Client* client = nullptr;          // while it is connected
  std::uint64_t taken = 0;           // all up to this one
  std::set<std::uint64_t> also;      // and these
  std::set<std::uint64_t> with_one;  // a receiver had them when the sender came back

  bool has(std::uint64_t sequence) const {
    return sequence <= taken || also.contains(sequence) || with_one.contains(sequence);
  }
  void take(std::uint64_t sequence);
  void take_all(std::uint64_t up_to);
};

struct LiveMessage {
  std::shared_ptr<LiveSender> sender;
  std::uint64_t sequence = 0;
  std::string bytes;
  std::size_t cost() const { return bytes.size() + 64; }
};

// What a receiver was given and has not acknowledged.
struct Outstanding {
  std::optional<LiveMessage> live;
  std::uint64_t kept = 0;   // the id in the store
  ConnectionId stream = 0;  // whose stream it was
};

struct Doom {
  std::string type;
  std::string detail;
};

struct Client {
  ConnectionId id = 0;
  Opening opening;
  ChannelState* channel = nullptr;
  std::optional<FrameDecoder> decoder;
  std::optional<Doom> doom;   // it is to hear that, and nothing else any more
  bool welcome = false;       // it has heard WELCOME
  bool touched = false;       // it is among those that are told
  bool uses_store = false;    // since the last commit
  Client* partner = nullptr;  // at the other end of a stream that is under way

  // ---- a sender
  std::shared_ptr<LiveSender> live;
  std::uint64_t next = 1;    // sequence that comes next
  bool began = false;        // a message came on this connection
  std::uint64_t stored = 0;  // of messages to be kept: up to this one, once committed
  std::uint64_t told = 0;    // TAKEN
  std::uint32_t receivers_told = 0;
  std::string held;  // of a stream that nobody receives yet
  bool stream_complete = false;

  // ---- a receiver
  std::deque<Outstanding> outstanding;
  std::uint64_t delivered = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t confirmed = 0;
  bool finished = false;  // has heard that there is no more

  bool receives() const { return opening.part == Part::receive; }
};

// A message of the store that is next.
struct KeptMessage {
  std::uint64_t id = 0;
  std::string sender;
  std::uint64_t sequence = 0;
  std::string bytes;
};

struct ChannelState {
  std::string name;
  std::vector<Client*> senders;
  std::vector<Client*> receivers;
  std::size_t turn = 0;         // of the receivers
  std::deque<Client*> streams;  // senders that wait for a receiver
  std::deque<LiveMessage> queue;
  std::size_t live_bytes = 0;  // in the queue, and outstanding
  std::unordered_map<std::string, std::shared_ptr<LiveSender>> live;

  std::deque<KeptMessage> page;  // of the store
  std::uint64_t cursor = 0;      // the last id that was read
  bool more = true;              // there may be some behind it
  std::set<std::uint64_t> out;   // ids that receivers have

  // What was read ahead is not as it stands there any more.
  void reread_from(std::uint64_t id) {
    page.clear();
    cursor = id == 0 ? 0 : std::min(cursor, id - 1);
    more = true;
  }
};

}  // namespace nigh::channel
