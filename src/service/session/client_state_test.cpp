// SPDX-License-Identifier: Apache-2.0
// state x frame: which frames a client takes when, and what no server of ours says.
#include <gtest/gtest.h>

#include "service/session/client_for_test.hpp"

namespace nigh::session {
namespace {

using namespace for_test;

std::string payload_for(Frame type) {
  switch (type) {
    case Frame::started:
      return run::encode_started({"4711", 65536, note()});
    case Frame::stdout_data:
    case Frame::stderr_data:
    case Frame::screen:
      return "x";
    case Frame::ack:
      return run::encode_ack(0);
    case Frame::exit:
      return R"({"code":0})";
    case Frame::notice:
      return encode_notice(Clients{2});
    default:
      return "";
  }
}

TEST(ClientStateTest, EveryFrameIsAcceptedOnlyInItsState) {
  struct Case {
    std::string name;
    std::vector<Frame> before;
    bool terminal;
    std::vector<Frame> allowed;
  };
  const std::vector<Case> table = {
      {"first", {}, false, {Frame::started}},
      {"open",
       {Frame::started},
       false,
       {Frame::stdout_data, Frame::stderr_data, Frame::ack, Frame::exit, Frame::notice}},
      {"repaint",
       {Frame::started},
       true,
       {Frame::screen, Frame::stderr_data, Frame::ack, Frame::notice}},
      {"over", {Frame::started, Frame::exit}, false, {}},
  };
  for (const auto& state : table)
    for (int type = 0; type < 256; ++type) {
      Client client(AttachRequest{});
      for (auto before : state.before) {
        auto terminal = note();
        terminal.terminal = state.terminal;
        auto heard = before == Frame::started ? client.started(terminal)
                                              : client.hear(before, payload_for(before));
        ASSERT_TRUE(heard) << state.name;
      }
      auto frame = static_cast<Frame>(type);
      EXPECT_EQ(client.hear(frame, payload_for(frame)).has_value(),
                std::ranges::find(state.allowed, frame) != state.allowed.end())
          << state.name << " " << type;
    }
}

TEST(ClientStateTest, AServerThatContradictsItselfIsGivenUp) {
  auto refused = [](auto change) {
    Client client;
    EXPECT_TRUE(client.started(note()));
    EXPECT_TRUE(client.hear(Frame::stdout_data, "hello"));
    client.session.write("abc");
    client.sent();
    EXPECT_TRUE(client.hear(Frame::ack, run::encode_ack(1)));
    client.reconnect();
    auto again = note(5, 2);
    change(again);
    return !client.started(again);
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& note) { note.id = "other"; }));
  EXPECT_TRUE(refused([](auto& note) { note.attachment = 2; }));
  EXPECT_TRUE(refused([](auto& note) { note.terminal = true; }));
  EXPECT_TRUE(refused([](auto& note) { note.out = 4; })) << "what we have would come twice";
  EXPECT_TRUE(refused([](auto& note) { note.input = 0; })) << "it had more already";
  EXPECT_TRUE(refused([](auto& note) { note.input = 4; })) << "that was never sent";
  EXPECT_TRUE(refused([](auto& note) { note.signals = 1; }));

  Client client;
  auto begun = note(0, 1);
  EXPECT_FALSE(client.started(begun)) << "input of nobody";
  Client sent;
  ASSERT_TRUE(sent.started(note()));
  sent.session.write("abc");
  EXPECT_FALSE(sent.hear(Frame::ack, run::encode_ack(1))) << "not sent yet";
  Client backwards;
  ASSERT_TRUE(backwards.started(note()));
  backwards.session.write("abc");
  backwards.sent();
  ASSERT_TRUE(backwards.hear(Frame::ack, run::encode_ack(2)));
  EXPECT_FALSE(backwards.hear(Frame::ack, run::encode_ack(1)));
  Client much;
  ASSERT_TRUE(much.started(note()));
  ASSERT_TRUE(much.hear(Frame::stdout_data, "x"));
  EXPECT_FALSE(much.notice(Lost{Channel::out, UINT64_MAX}));
  EXPECT_FALSE(much.notice(SignalsTaken{1}));
}

}  // namespace
}  // namespace nigh::session
