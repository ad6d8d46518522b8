// SPDX-License-Identifier: Apache-2.0
// What a HolderSession keeps of each client: for the .cpp files that implement it.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "service/session/holder_session.hpp"

namespace nigh::session {

inline bool same(const WindowSize& a, const WindowSize& b) {
  return a.columns == b.columns && a.rows == b.rows && a.width_pixels == b.width_pixels &&
         a.height_pixels == b.height_pixels;
}

// One client, over all its connections.
struct HolderSession::Attachment {
  AttachmentId id = 0;
  std::optional<ConnectionId> connection;  // nullopt: lost, and may come back
  TimePoint lost_at;
  bool left = false;          // Loss::left
  std::uint64_t attempt = 0;  // of its newest RESUME
  bool expected = true;       // it is waited for, also while it is lost
  bool read_only = false;
  bool told_exit = false;          // on a connection that is lost
  std::optional<WindowSize> size;  // of its terminal

  // Where it is in an output.
  struct Place {
    std::uint64_t acknowledged = 0;
    std::uint64_t sent = 0;
    bool closed = false;  // it does not want any
  };
  std::array<Place, 2> places;
  Place& place(Channel output) { return places[static_cast<std::size_t>(output)]; }
  const Place& place(Channel output) const { return places[static_cast<std::size_t>(output)]; }
  bool is_here() const { return connection || expected; }
  // Output waits for it.
  bool holds(Channel output) const { return is_here() && !place(output).closed; }

  std::uint64_t input_received = 0;
  std::uint64_t input_taken = 0;  // by the command
  std::uint64_t input_told = 0;   // in the last ACK
  bool input_ended = false;
  std::uint64_t signals = 0;

  std::uint32_t scrollback = 0;  // what its last repaint was asked for
  Repaint painted = Repaint::attached;

  // What it was told last. It takes for granted that it is alone and has the size that it wants.
  std::uint64_t told_clients = 1;
  std::optional<WindowSize> told_size;
  std::uint64_t told_signals = 0;
  bool told_of_others = false;
};

struct HolderSession::Connection {
  Connection(ConnectionId number, Visitor who, TimePoint now, run::FrameDecoder frames)
      : id(number), visitor(std::move(who)), since(now), decoder(std::move(frames)) {}
  ~Connection() {
    drop_queue();
    drop_screen();
  }

  ConnectionId id;
  Visitor visitor;
  TimePoint since;
  run::FrameDecoder decoder;
  std::optional<AttachmentId> attachment;
  std::optional<Error> wrong;  // what it sent last
  bool over = false;

  std::string queue;  // control frames
  std::size_t queue_sent = 0;
  std::optional<std::string> screen;  // a repaint that is under way
  std::size_t screen_sent = 0;
  std::size_t turn = 0;  // whose output is next, so that stdout does not starve stderr
  bool ack_due = false;
  bool exit_sent = false;

  // Of what it sends again we have had so much.
  std::uint64_t skip_input = 0;
  std::uint64_t skip_signals = 0;

  void push(run::Frame type, std::string_view payload) { queue += run::frame(type, payload); }
  void drop_queue() {
    if (!queue.empty()) Secret::wipe(queue);  // the resume token was in it
    queue_sent = 0;
  }
  void drop_screen() {
    if (screen) Secret::wipe(*screen);
    screen.reset();
    screen_sent = 0;
  }
};

}  // namespace nigh::session
