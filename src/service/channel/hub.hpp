// SPDX-License-Identifier: Apache-2.0
// All channels of an account: who sends, who receives, and what is on its way between them. Pure:
// bytes in from each connection, bytes out to each, no clock and no I/O but the store's.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "service/channel/frames.hpp"
#include "service/channel/hub_parts.hpp"
#include "service/channel/opening.hpp"
#include "service/channel/store.hpp"

namespace nigh::channel {

// Where the bytes go. Called from within the hub's functions, and may not call back into it.
class HubHost {
 public:
  virtual ~HubHost() = default;
  // Takes all of it; `payload` is only there during the call.
  virtual void send(ConnectionId id, std::string_view head, std::string_view payload) = 0;
  // How much of what was sent has not left yet.
  virtual std::size_t queued(ConnectionId id) const = 0;
  // The connection is over once what was sent has left. The hub has forgotten it.
  virtual void close(ConnectionId id) = 0;
};

// What `GET /v1/channels` tells.
struct ChannelFacts {
  std::string name;
  std::size_t senders = 0;
  std::size_t receivers = 0;
  std::uint64_t kept = 0;
  std::uint64_t kept_bytes = 0;
};

class Hub {
 public:
  // What one channel holds of live messages before their senders have to wait.
  static constexpr std::size_t kLiveBytes = 1 << 20;
  // What waits for one receiver's connection before nothing more is given to it.
  static constexpr std::size_t kBacklog = 512 * 1024;
  // What is given to the store between two calls of settle().
  static constexpr std::size_t kBatchBytes = 4 << 20;

  Hub(Store& store, HubHost& host) : store_(store), host_(host) {}

  // `id` was never used before. Calls for one that is unknown, or forgotten, do nothing.
  void open(ConnectionId id, Opening opening);
  void feed(ConnectionId id, std::string_view bytes);
  // What the next bytes of a sender are, whose stream somebody receives: so many of the stream,
  // which that one gets as they are. 0: a frame's header is next.
  struct Passage {
    ConnectionId to = 0;
    std::size_t bytes = 0;
  };
  std::optional<Passage> passage(ConnectionId id) const;
  // In place of feed(): so many of them were sent to the receiver, as a PIECE.
  void passed(ConnectionId id, std::size_t count);
  void gone(ConnectionId id);
  // Less is queued for it than before.
  void drained(ConnectionId id);
  // Is that one to be fed now? Changes with settle().
  bool wants(ConnectionId id) const;

  // After any of the calls above, or when something that was sent has left; once for many of them,
  // since what is to be kept is committed here. Nobody hears of anything before.
  void settle();

  Result<std::vector<ChannelFacts>> facts();
  std::size_t clients() const { return clients_.size(); }

 private:
  using ChannelPosition = std::map<std::string, ChannelState, std::less<>>::iterator;

  Client* find(ConnectionId id) const;
  // ---- what comes (hub.cpp)
  void greet(Client& client);
  void begin_live(Client& client);
  Result<void> on_frame(Client& client, Frame type, std::string_view payload);
  Result<void> on_bytes(Client& client, std::string_view bytes);
  Result<void> on_message(Client& client, std::string_view payload);
  Result<void> on_end(Client& client);
  Result<void> on_ack(Client& client, std::uint64_t number);
  void keep(Client& client, std::uint64_t sequence, std::string_view bytes);
  void was_taken(Client& receiver, Outstanding& what);
  void remove(Client& client);
  void remove_sender(Client& client);
  void remove_receiver(Client& client);
  void forget_if_idle(ChannelState& channel);
  void doom(Client& client, std::string type, std::string detail);
  void touch(Client& client);

  // ---- what follows from it (hub_settle.cpp)
  void commit();
  void welcome(Client& client);
  void tell(Client& client);
  void tell_of_receivers(ChannelState& channel);
  void end_doomed();
  void dispatch(ChannelState& channel);
  void dispatch_streams(ChannelState& channel);
  void begin_stream(Client& sender, Client& receiver);
  void complete_stream(Client& sender);
  bool can_take(const Client& receiver) const;
  Client* next_receiver(ChannelState& channel);
  bool load(ChannelState& channel);
  bool deliver_one(ChannelState& channel, Client& receiver);
  void say_empty(ChannelState& channel);

  Store& store_;
  HubHost& host_;
  std::map<std::string, ChannelState, std::less<>> channels_;
  std::unordered_map<ConnectionId, std::unique_ptr<Client>> clients_;
  std::set<ChannelState*> dirty_;
  std::vector<ConnectionId> touched_;  // have something to hear once all is committed
  std::vector<ConnectionId> doomed_;
  std::deque<std::shared_ptr<LiveSender>> lost_;  // that may come back, oldest first
  bool uncommitted_ = false;
  std::size_t batch_ = 0;  // bytes since the last commit
};

}  // namespace nigh::channel
