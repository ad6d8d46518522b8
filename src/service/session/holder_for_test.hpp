// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/session/session_for_test.hpp"

namespace nigh::session::for_test {

// A session with a fake process, and clients that say frames.
struct Holder {
  explicit Holder(HolderSettings settings = {})
      : session(with_id(std::move(settings)), host, now) {}

  static HolderSettings with_id(HolderSettings settings) {
    settings.id = "k3x9q2mb";
    settings.process = "4711";
    return settings;
  }

  // The client that started the command; its STARTED is read, and it has said so.
  ConnectionId start() {
    auto id = start_unheard();
    acknowledge(id, 0);
    return id;
  }
  // The same, but nothing shows that STARTED has arrived.
  ConnectionId start_unheard() {
    auto id = session.connect({"192.0.2.1", "token", {}}, Opening::started, now);
    drained(session, id);
    return id;
  }
  ConnectionId resume(const Resume& request, std::optional<AttachmentId> only = {}) {
    auto id = session.connect({"192.0.2.2", "", only}, Opening::resume, now);
    say(id, Frame::resume, encode_resume(request));
    return id;
  }
  // A client that comes by itself; its STARTED is read.
  ConnectionId attach(const AttachRequest& request = {}) {
    auto id = resume(request);
    drained(session, id);
    return id;
  }
  void say(ConnectionId id, Frame type, std::string_view payload = "") {
    session.receive(id, run::frame(type, payload), now);
  }
  void acknowledge(ConnectionId id, std::uint64_t out, std::uint64_t err = 0) {
    say(id, Frame::output_ack, encode_output_ack({out, err}));
  }
  Frames frames(ConnectionId id) { return frames_of(drained(session, id)); }
  // Why the connection was ended, or "".
  std::string refusal(ConnectionId id) {
    if (!session.is_over(id)) return "";
    for (const auto& [type, payload] : frames(id)) {
      if (type != Frame::notice) continue;
      auto notice = decode_notice(payload).value();
      if (const auto* detached = std::get_if<Detached>(&notice)) return detached->why;
    }
    return "over";
  }
  std::string print(std::string_view bytes, Channel output = Channel::out) {
    return std::string(bytes.substr(0, for_test::print(session, output, bytes, now)));
  }
  void exit(int code = 0) {
    ExitStatus status;
    status.code = code;
    session.exited(status, now);
    session.output_ended(Channel::out);
    session.output_ended(Channel::err);
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    session.tick(now);
  }

  FakeHost host;
  TimePoint now{std::chrono::hours(1)};
  HolderSession session;
};

inline HolderSettings terminal() {
  HolderSettings settings;
  settings.terminal = true;
  return settings;
}

}  // namespace nigh::session::for_test
