// SPDX-License-Identifier: Apache-2.0
// state x frame: which frames a holder takes when.
#include <gtest/gtest.h>

#include <functional>

#include "service/session/holder_for_test.hpp"

namespace nigh::session {
namespace {

using namespace for_test;

struct Case {
  std::string name;
  std::function<ConnectionId(Holder&)> prepare;
  std::vector<Frame> allowed;
};

std::string payload_for(Frame type) {
  switch (type) {
    case Frame::resize:
      return run::encode_resize({100, 40, 0, 0});
    case Frame::signal:
      return "INT";
    case Frame::output_closed:
      return "\x02";
    case Frame::output_ack:
      return encode_output_ack({});
    case Frame::resume:
      return encode_resume(AttachRequest{});
    default:
      return "";
  }
}

std::vector<Case> cases() {
  const std::vector<Frame> open = {Frame::stdin_data, Frame::stdin_eof,     Frame::resize,
                                   Frame::signal,     Frame::output_closed, Frame::output_ack,
                                   Frame::detach,     Frame::hang_up};
  auto without = [](std::vector<Frame> from, std::initializer_list<Frame> what) {
    for (auto type : what) std::erase(from, type);
    return from;
  };
  auto with_exit = open;
  with_exit.push_back(Frame::exit_ack);
  return {
      {"connected",
       [](Holder& h) { return h.session.connect({}, Opening::resume, h.now); },
       {Frame::resume}},
      {"started", [](Holder& h) { return h.start(); }, open},
      {"attached", [](Holder& h) { return h.attach(); }, open},
      {"resumed",
       [](Holder& h) {
         h.session.lost(h.start(), h.now);
         return h.resume(ResumeRequest{1, 1, 0, 0, false, {}});
       },
       open},
      {"input ended",
       [](Holder& h) {
         auto id = h.start();
         h.say(id, Frame::stdin_eof);
         return id;
       },
       without(open, {Frame::stdin_data, Frame::stdin_eof})},
      {"resumed after the end of input",
       [](Holder& h) {
         auto id = h.start();
         h.say(id, Frame::stdin_eof);
         h.session.lost(id, h.now);
         return h.resume(ResumeRequest{1, 1, 0, 0, false, {}});
       },
       without(open, {Frame::stdin_data})},
      {"watching",
       [](Holder& h) { return h.attach({0, true, {}, {}}); },
       {Frame::output_closed, Frame::output_ack, Frame::detach}},
      {"exit not sent",
       [](Holder& h) {
         auto id = h.start();
         h.exit();
         return id;
       },
       open},
      {"exit sent",
       [](Holder& h) {
         auto id = h.start();
         h.exit();
         drained(h.session, id);
         return id;
       },
       with_exit},
  };
}

TEST(HolderStateTest, EveryFrameIsAcceptedOnlyInItsState) {
  for (const auto& state : cases())
    for (int type = 0; type < 256; ++type) {
      Holder holder;
      auto id = state.prepare(holder);
      auto frame = static_cast<Frame>(type);
      holder.say(id, frame, frame == Frame::stdin_data ? "x" : payload_for(frame));
      auto refusal = holder.refusal(id);
      const bool allowed = std::ranges::find(state.allowed, frame) != state.allowed.end();
      const bool leaves = frame == Frame::detach || frame == Frame::exit_ack;
      if (allowed)
        EXPECT_EQ(refusal, leaves ? "over" : "") << state.name << " " << type;
      else
        EXPECT_TRUE(!refusal.empty() && refusal != "over") << state.name << " " << type;
    }
}

}  // namespace
}  // namespace nigh::session
