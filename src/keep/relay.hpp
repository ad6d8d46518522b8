// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "client/connection.hpp"
#include "io/h2_connection.hpp"
#include "keep/byte_queue.hpp"
#include "keep/upstream.hpp"

namespace nigh::keep {

// One stream between a command and the server: what either sends goes to the other as it is, and
// each gets window back for what the other's connection took. Its ends are those of both streams:
// half by half, or a reset.
class Relay final : private client::Exchange {
 public:
  // `over`: called last, from within whatever ended it; may not destroy it at once.
  Relay(io::H2Connection& command, http2::StreamId id, Upstream& upstream,
        std::function<void()> over)
      : command_(command), down_id_(id), upstream_(upstream), over_(std::move(over)) {}
  ~Relay() override;
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // What comes from the command.
  void begin(http2::Fields fields, bool ends);
  void data(std::string_view bytes);
  void end();
  void closed(std::uint32_t code);

  // The connection to the server is in doubt: breaks off what would rather have another. The server
  // is not told while the command is there: it would take its client for one that has left.
  void leave_if_it_can();
  bool serves_command() const { return down_open_ && !left_; }
  bool is_over() const { return !down_open_ && !up_open_; }

 private:
  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_closed() override;
  void on_failed(const Error& error) override;
  void on_reset(std::uint32_t code, const Error& error) override;

  // One direction's body.
  struct Source : http2::BodySource {
    Source(Relay& relay, void (Relay::*taken)(std::size_t)) : owner(relay), on_taken(taken) {}
    Chunk read(std::span<char> into) override;
    Relay& owner;
    void (Relay::*on_taken)(std::size_t);
    ByteQueue queue;
    bool ended = false;
  };
  void sent_up(std::size_t count);
  void sent_down(std::size_t count);
  void drop_up();
  void drop_down();
  void break_off(std::uint32_t code);
  void check_over();

  io::H2Connection& command_;
  http2::StreamId down_id_;
  Upstream& upstream_;
  std::function<void()> over_;
  http2::StreamId up_id_ = 0;
  bool down_open_ = true;
  bool up_open_ = false;
  bool answered_ = false;
  bool leaves_ = false;
  bool left_ = false;
  Source up_{*this, &Relay::sent_up};
  Source down_{*this, &Relay::sent_down};
};

}  // namespace nigh::keep
