// SPDX-License-Identifier: Apache-2.0
#include "service/session/messages.hpp"

#include <gtest/gtest.h>

#include "service/run/messages.hpp"

namespace nigh::session {
namespace {

TEST(ResumeTest, GoingOnRoundTrips) {
  ResumeRequest sent{3, 4, 1'234'567'890'123, 9, true, ResumeRequest::Again{17, 2}};
  auto got = std::get<ResumeRequest>(decode_resume(encode_resume(sent)).value());
  EXPECT_EQ(got.attachment, 3u);
  EXPECT_EQ(got.attempt, 4u);
  EXPECT_EQ(got.out, 1'234'567'890'123u);
  EXPECT_EQ(got.err, 9u);
  EXPECT_TRUE(got.screen);
  EXPECT_EQ(got.again->input, 17u);
  EXPECT_EQ(got.again->signals, 2u);
  EXPECT_EQ(encode_resume(ResumeRequest{1, 2, 0, 0, false, {}}),
            R"({"attachment":1,"attempt":2,"stderr":0,"stdout":0})");
}

TEST(ResumeTest, IsWhatTheExampleOfTheProtocolSays) {
  EXPECT_EQ(encode_resume(ResumeRequest{1, 1, 5120, 0, false, ResumeRequest::Again{70, 0}}),
            R"({"attachment":1,"attempt":1,"signals":0,"stderr":0,"stdin":70,"stdout":5120})");
}

TEST(ResumeTest, AttachingRoundTrips) {
  AttachRequest sent{10'000, true, 20, WindowSize{120, 40, 1, 2}};
  auto got = std::get<AttachRequest>(decode_resume(encode_resume(sent)).value());
  EXPECT_EQ(got.scrollback, 10'000u);
  EXPECT_TRUE(got.read_only);
  EXPECT_EQ(got.tail, 20u);
  EXPECT_EQ(got.size->columns, 120);
  EXPECT_EQ(got.size->height_pixels, 2);
  auto least =
      std::get<AttachRequest>(decode_resume(R"({"attach":true,"tail":null,"pty":null})").value());
  EXPECT_FALSE(least.tail || least.size || least.read_only);
  auto most = decode_resume(encode_resume(AttachRequest{UINT32_MAX, false, {}, {}}));
  EXPECT_EQ(std::get<AttachRequest>(most.value()).scrollback, kMaxScrollback);
}

TEST(ResumeTest, WhatNoClientSendsIsRefused) {
  for (const char* bad :
       {"",
        "[]",
        "{}",
        R"({"attach":false})",
        R"({"attach":1})",
        R"({"attachment":1})",
        R"({"attachment":1,"attempt":1,"stdout":0})",
        R"({"attachment":1,"stdout":0,"stderr":0})",
        R"({"attachment":-1,"attempt":1,"stdout":0,"stderr":0})",
        R"({"attachment":1,"attempt":1,"stdout":0.5,"stderr":0})",
        R"({"attachment":1,"attempt":1,"stdout":0,"stderr":"0"})",
        R"({"attachment":1,"attempt":1,"stdout":0,"stderr":0,"attach":true})",
        R"({"attachment":1,"attempt":1,"stdout":0,"stderr":0,"stdin":0})",
        R"({"attachment":1,"attempt":1,"stdout":0,"stderr":0,"signals":0})",
        R"({"attachment":1,"attempt":1,"stdout":0,"stderr":0,"screen":1})",
        R"({"attachment":1,"attempt":1,"stdout":18446744073709551616,"stderr":0})",
        R"({"attach":true,"scrollback":1000001})",
        R"({"attach":true,"tail":-1})",
        R"({"attach":true,"read_only":"yes"})",
        R"({"attach":true,"pty":{"rows":70000}})",
        R"({"attach":true,"pty":{"term":"xterm"}})",
        R"({"attach":true,"pty":7})",
        R"({"attach":true,"more":1})"})
    EXPECT_EQ(decode_resume(bad).error().code, Errc::malformed) << bad;
}

TEST(OutputAckTest, IsSixteenBytes) {
  auto got = decode_output_ack(encode_output_ack({1, UINT64_MAX})).value();
  EXPECT_EQ(got.out, 1u);
  EXPECT_EQ(got.err, UINT64_MAX);
  EXPECT_FALSE(decode_output_ack(std::string(15, '\0')));
  EXPECT_FALSE(decode_output_ack(std::string(17, '\0')));
}

TEST(NoticeTest, RoundTrips) {
  EXPECT_EQ(encode_notice(Lost{Channel::err, 7}), R"({"lost":7,"output":"stderr"})");
  auto lost = std::get<Lost>(decode_notice(R"({"lost":7,"output":"stderr"})").value());
  EXPECT_EQ(lost.output, Channel::err);
  EXPECT_EQ(lost.bytes, 7u);
  EXPECT_EQ(std::get<Clients>(decode_notice(encode_notice(Clients{2})).value()).count, 2u);
  EXPECT_EQ(std::get<Detached>(decode_notice(encode_notice(Detached{"why"})).value()).why, "why");
  EXPECT_EQ(std::get<SignalsTaken>(decode_notice(encode_notice(SignalsTaken{64})).value()).count,
            64u);
  auto size = std::get<SizeNotice>(decode_notice(encode_notice(SizeNotice{{1, 2, 3, 4}})).value());
  EXPECT_EQ(size.size.columns, 1);
  EXPECT_EQ(size.size.height_pixels, 4);
}

TEST(NoticeTest, WhatALaterVersionSaysIsSkippedAndNonsenseRefused) {
  EXPECT_TRUE(std::holds_alternative<UnknownNotice>(*decode_notice(R"({"weather":"fair"})")));
  EXPECT_EQ(std::get<Clients>(*decode_notice(R"({"clients":3,"weather":"fair"})")).count, 3u);
  for (const char* bad :
       {"", "7", R"({"lost":7})", R"({"lost":-7,"output":"stdout"})",
        R"({"lost":7,"output":"stdin"})", R"({"clients":"2"})", R"({"detached":null})",
        R"({"signals":1.5})", R"({"size":3})", R"({"size":{"rows":-1}})"})
    EXPECT_EQ(decode_notice(bad).error().code, Errc::malformed) << bad;
}

TEST(StartedOfASessionTest, RoundTrips) {
  run::StartedNote sent{"4711", 65536,
                        run::SessionNote{"k3x9q2mb", 3, "nigh_r_x", true, 4, 5, 6, 7, 8}};
  auto got = run::decode_started(run::encode_started(sent)).value();
  ASSERT_TRUE(got.session);
  EXPECT_EQ(got.session->id, "k3x9q2mb");
  EXPECT_EQ(got.session->attachment, 3u);
  EXPECT_EQ(got.session->resume_token, "nigh_r_x");
  EXPECT_TRUE(got.session->terminal);
  EXPECT_EQ(got.session->output_kept, 4u);
  EXPECT_EQ(got.session->input, 5u);
  EXPECT_EQ(got.session->signals, 6u);
  EXPECT_EQ(got.session->out, 7u);
  EXPECT_EQ(got.session->err, 8u);
  EXPECT_FALSE(run::decode_started(R"({"id":"1","stdin_window":65536,"session":"x"})"));
}

}  // namespace
}  // namespace nigh::session
