// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "service/run/frames.hpp"
#include "service/run/messages.hpp"

namespace nigh::run {
namespace {

struct Seen {
  std::vector<std::pair<Frame, std::string>> frames;  // pieces of data joined
  FrameDecoder decoder;
  explicit Seen(Receiver receiver)
      : decoder(receiver, {[this](Frame type, std::string_view payload) {
                             frames.emplace_back(type, payload);
                             return Result<void>();
                           },
                           [this](Frame type, std::string_view piece) {
                             if (!frames.empty() && frames.back().first == type)
                               frames.back().second += piece;
                             else
                               frames.emplace_back(type, piece);
                           }}) {}
};

TEST(FrameDecoderTest, FramesSurviveEveryCut) {
  auto bytes = frame(Frame::spec, "{}") + frame(Frame::stdin_data, "hello") +
               frame(Frame::signal, "INT") + frame(Frame::stdin_eof, "");
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Seen seen(Receiver::server);
    ASSERT_TRUE(seen.decoder.feed(bytes.substr(0, cut)));
    EXPECT_EQ(seen.decoder.finish().has_value(),
              cut == 0 || cut == 7 || cut == 17 || cut == 25 || cut == 30)
        << cut;
    ASSERT_TRUE(seen.decoder.feed(bytes.substr(cut)));
    ASSERT_EQ(seen.frames.size(), 4u);
    EXPECT_EQ(seen.frames[1], std::pair(Frame::stdin_data, std::string("hello")));
    EXPECT_EQ(seen.frames[2], std::pair(Frame::signal, std::string("INT")));
  }
}

// state x frame: what came before, then which frames may come next.
TEST(FrameDecoderTest, EveryFrameIsAcceptedOnlyInItsState) {
  const std::string spec = frame(Frame::spec, "{}"), eof = frame(Frame::stdin_eof, "");
  const std::string started = frame(Frame::started, "{}"), exit = frame(Frame::exit, "{}");
  const std::string resume = frame(Frame::resume, "{}");
  const std::vector<Frame> any_time = {Frame::resize, Frame::signal, Frame::output_closed};
  const std::vector<Frame> input = {Frame::stdin_data, Frame::stdin_eof};
  const std::vector<Frame> session = {Frame::output_ack, Frame::detach, Frame::hang_up,
                                      Frame::exit_ack};
  const std::vector<Frame> output = {Frame::stdout_data, Frame::stderr_data, Frame::ack,
                                     Frame::exit};
  auto all_of = [](std::initializer_list<std::vector<Frame>> lists) {
    std::vector<Frame> out;
    for (const auto& list : lists) out.insert(out.end(), list.begin(), list.end());
    return out;
  };
  const std::vector<std::tuple<Receiver, std::string, std::vector<Frame>>> table = {
      {Receiver::server, "", {Frame::spec}},
      {Receiver::server, spec, all_of({input, any_time})},
      {Receiver::server, spec + eof, any_time},
      {Receiver::client, "", {Frame::started}},
      {Receiver::client, started, output},
      {Receiver::client, started + exit, {}},
      {Receiver::holder, "", {Frame::resume}},
      {Receiver::holder, resume, all_of({input, any_time, session})},
      {Receiver::holder, resume + eof, all_of({any_time, session})},
      {Receiver::holder, resume + frame(Frame::detach, ""), {}},
      {Receiver::holder, resume + eof + frame(Frame::exit_ack, ""), {}},
      {Receiver::resuming_client, "", {Frame::started, Frame::notice}},
      {Receiver::resuming_client, frame(Frame::notice, "{}"), {Frame::started, Frame::notice}},
      {Receiver::resuming_client, started, all_of({output, {Frame::notice, Frame::screen}})},
      {Receiver::resuming_client, started + exit, {}},
  };
  for (const auto& [receiver, before, allowed] : table)
    for (int type = 0; type < 256; ++type) {
      Seen seen(receiver);
      ASSERT_TRUE(seen.decoder.feed(before));
      auto next = static_cast<Frame>(type);
      EXPECT_EQ(seen.decoder.feed(frame(next, "")).has_value(),
                std::ranges::find(allowed, next) != allowed.end())
          << static_cast<int>(receiver) << ": " << before.size() << " then " << type;
    }
}

TEST(FrameDecoderTest, AnEmptyScreenFrameIsReportedAndOtherEmptyDataIsNot) {
  std::vector<std::pair<Frame, std::string>> pieces;
  FrameDecoder decoder(
      Receiver::resuming_client,
      {[](Frame, std::string_view) { return Result<void>(); },
       [&](Frame type, std::string_view piece) { pieces.emplace_back(type, piece); }},
      FrameDecoder::Begin::open);
  ASSERT_TRUE(decoder.feed(frame(Frame::stdout_data, "") + frame(Frame::screen, "ab") +
                           frame(Frame::screen, "") + frame(Frame::stdout_data, "")));
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0], std::pair(Frame::screen, std::string("ab")));
  EXPECT_EQ(pieces[1], std::pair(Frame::screen, std::string()));
}

TEST(FrameDecoderTest, AnOverlongFrameIsRefusedAtItsHeader) {
  for (auto [type, length] : {std::pair(Frame::signal, 17u),
                              {Frame::stdin_eof, 1u},
                              {Frame::stdin_data, (1u << 20) + 1},
                              {Frame::resize, 0xFFFFFFFFu}}) {
    Seen seen(Receiver::server);
    ASSERT_TRUE(seen.decoder.feed(frame(Frame::spec, "")));
    auto header = frame_header(type, length);
    auto refused = seen.decoder.feed({header.data(), header.size()});
    EXPECT_EQ(refused.error().code, Errc::too_large);
  }
}

TEST(SpecTest, RoundTripsEverything) {
  Command sent{"printf", "a b", "caf\xe9"};
  sent.environment = {{"LANG", "C"}, {"RAW", "\xff"}};
  sent.directory = "/tmp";
  sent.time_limit = std::chrono::milliseconds(1500);
  sent.pty = Pty{"xterm-256color", {100, 40, 7, 8}};
  auto got = decode_spec(encode_spec(sent)).value();
  EXPECT_EQ(got.argv, sent.argv);
  EXPECT_EQ(got.environment, sent.environment);
  EXPECT_EQ(got.directory, "/tmp");
  EXPECT_EQ(got.time_limit, sent.time_limit);
  EXPECT_EQ(got.pty->term, "xterm-256color");
  EXPECT_EQ(got.pty->size.height_pixels, 8);
  EXPECT_EQ(decode_spec(encode_spec(Command::shell("ls | wc")))->command_line, "ls | wc");
  EXPECT_EQ(encode_spec(Command::login_shell()), R"({"login":true})");
  EXPECT_TRUE(decode_spec(R"({"login":true})")->login);
}

TEST(SpecTest, ASessionSaysSo) {
  Command sent{"sleep", "1"};
  EXPECT_FALSE(decode_spec(encode_spec(sent))->is_session());
  sent.keep = true;
  sent.name = "work.1_A-b";
  auto got = decode_spec(encode_spec(sent)).value();
  EXPECT_TRUE(got.resume) << "what is kept can be resumed";
  EXPECT_TRUE(got.keep);
  EXPECT_EQ(got.name, "work.1_A-b");
  EXPECT_FALSE(is_session_name(""));
  EXPECT_FALSE(is_session_name("caf\xe9"));
  EXPECT_FALSE(is_session_name("../x"));
  EXPECT_FALSE(is_session_name(std::string(65, 'a')));
  EXPECT_FALSE(decode_run_request(R"({"argv":["a"],"resume":true})")) << "nobody could resume it";
}

TEST(SpecTest, WhatMakesNoSenseIsRefusedWithItsReason) {
  const std::pair<const char*, const char*> table[] = {
      {"", "request: not valid JSON"},
      {"[]", "request: not a JSON object"},
      {"{}", "request: give either \"argv\" or \"command\""},
      {R"({"argv":["a"],"command":"b"})", "request: give either \"argv\" or \"command\""},
      {R"({"argv":["a"],"login":true})", "request: give either \"argv\" or \"command\""},
      {R"({"login":false})", "request: \"login\" must be true"},
      {R"({"argv":[]})", "request: \"argv\" must be a list of words"},
      {R"({"argv":[1]})", "request: a word of \"argv\" must be text"},
      {R"({"argv":["a\u0000b"]})", "request: a word of \"argv\" has a NUL in it"},
      {R"({"command":""})", "request: \"command\" is empty"},
      {R"({"argv":["a"],"env":{"A=B":"x"}})", "request: \"A=B\" cannot be the name of a variable"},
      {R"({"argv":["a"],"shell":true})", "request: unknown member \"shell\""},
      {R"({"argv":["a"],"timeout_ms":-1})",
       "request: \"timeout_ms\" must be a number of milliseconds, a year at most"},
      {R"({"argv":["a"],"pty":{"rows":70000}})", "request: \"rows\" must be a number up to 65535"},
      {R"({"argv":[[[[[[]]]]]]})", "request: JSON is nested too deeply"},
      {R"({"argv":["a"],"resume":1})", "request: \"resume\" must be true or false"},
      {R"({"argv":["a"],"keep":true})",
       "request: \"keep\" and \"name\" are for what has \"resume\":true"},
      {R"({"argv":["a"],"resume":true,"name":"a b"})",
       "request: \"name\" must be 1 to 64 of A-Z a-z 0-9 _ . -"},
  };
  for (const auto& [json, reason] : table) EXPECT_EQ(decode_spec(json).error().message, reason);
}

TEST(RunRequestTest, TakesInputAsTextOrBase64) {
  EXPECT_EQ(decode_run_request(R"({"argv":["cat"],"stdin":"hé"})")->input, "hé");
  EXPECT_EQ(decode_run_request(R"({"argv":["cat"],"stdin_base64":"/w=="})")->input, "\xff");
  EXPECT_FALSE(decode_run_request(R"({"argv":["cat"],"stdin_base64":"!"})"));
  EXPECT_FALSE(decode_run_request(R"({"argv":["cat"],"pty":{}})"));
}

TEST(RunResponseTest, BinaryOutputIsBase64) {
  RunResult result;
  result.exit.signal = "TERM";
  result.out = "\xff";
  result.err = "plain";
  EXPECT_EQ(encode_run_response(result),
            R"({"exit":143,"seconds":0.0,"signal":"TERM","stderr":"plain","stdout_base64":"/w=="})"
            "\n");
}

TEST(ExitTest, RoundTripsAndMapsToShellStatus) {
  ExitStatus killed;
  killed.signal = "KILL";
  killed.core_dumped = true;
  auto got = decode_exit(encode_exit(killed)).value();
  EXPECT_EQ(got.signal, "KILL");
  EXPECT_TRUE(got.core_dumped);
  EXPECT_EQ(got.shell_status(), 137);
  ExitStatus late;
  late.signal = "TERM";
  late.timed_out = true;
  EXPECT_EQ(decode_exit(encode_exit(late))->shell_status(), 124);
  EXPECT_EQ(decode_exit(R"({"code":3})")->shell_status(), 3);
  EXPECT_FALSE(decode_exit(R"({"code":-1})"));
  EXPECT_FALSE(decode_exit(R"({"code":"x"})"));
}

TEST(ResizeTest, RoundTripsAndRefusesOtherLengths) {
  auto size = decode_resize(encode_resize({300, 2, 65535, 0})).value();
  EXPECT_EQ(size.columns, 300);
  EXPECT_EQ(size.width_pixels, 65535);
  EXPECT_FALSE(decode_resize("1234567"));
}

TEST(SignalTest, NamesAreThoseWithoutSig) {
  EXPECT_EQ(signal_number("TERM"), 15);
  EXPECT_EQ(signal_name(9), "KILL");
  EXPECT_FALSE(signal_number("SIGTERM"));
  EXPECT_FALSE(signal_number(""));
  EXPECT_FALSE(signal_number("15"));
}

}  // namespace
}  // namespace nigh::run
