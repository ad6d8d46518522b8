// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/session/session_for_test.hpp"

namespace nigh::session::for_test {

inline run::SessionNote note(std::uint64_t out = 0, std::uint64_t input = 0) {
  return {"k3x9q2mb", 1, "secret", false, 8000, input, 0, out, 0};
}

// A client of a server that says frames.
struct Client {
  Client() : session(R"({"argv":["cat"]})", taker) { begin(); }
  explicit Client(const AttachRequest& request) : session(request, taker) { begin(); }
  void begin() {
    session.connect();
    sent();
  }

  Frames sent() { return frames_of(drained(session)); }
  Result<void> hear(Frame type, std::string_view payload = "") {
    return session.receive(run::frame(type, payload));
  }
  Result<void> started(const run::SessionNote& note, std::uint64_t window = 65536) {
    return hear(Frame::started, run::encode_started({"4711", window, note}));
  }
  // The same, and the server knows that it has arrived.
  Result<void> begun() {
    auto done = started(note());
    sent();
    return done;
  }
  Result<void> notice(const Notice& what) { return hear(Frame::notice, encode_notice(what)); }
  // Loses the connection and gets another; what it says first.
  Frames reconnect() {
    session.disconnect();
    session.connect();
    return sent();
  }

  FakeTaker taker;
  ClientSession session;
};

}  // namespace nigh::session::for_test
