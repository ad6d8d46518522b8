// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include "service/resource/random_frames.hpp"
#include "service/resource/visit_for_test.hpp"

namespace nigh::resource {
namespace {

using for_test::Answer;
using for_test::MemoryChannel;
using for_test::Visit;

std::string frame(int type, const std::string& payload) {
  wire::Writer out;
  out.u8(static_cast<std::uint8_t>(type)).string(payload);
  return std::move(out).str();
}
std::string read(std::uint64_t offset, std::uint32_t length) {
  return frame(1, wire::Writer().u64(offset).u32(length).str());
}
std::string write(std::uint64_t offset, const std::string& bytes) {
  return frame(2, wire::Writer().u64(offset).bytes(bytes).str());
}
std::string truncate(std::uint64_t size) { return frame(4, wire::Writer().u64(size).str()); }
const std::string kStat = frame(3, "");
const std::string kSync = frame(5, "");

struct Frames : Visit {
  Answer open(const std::string& rest, const std::string& frames) {
    MemoryChannel channel(frames, 7);
    serve(channel, {"CONNECT", "nigh-file", "/v1/files/" + rest, {}}, home.path());
    EXPECT_TRUE(channel.finished);
    return for_test::answer_in(channel.output);
  }
};

struct Reply {
  int type;
  std::string payload;
};
std::vector<Reply> replies(const Answer& answer) {
  std::vector<Reply> all;
  wire::Reader in(answer.body);
  while (in.ok() && !in.at_end()) {
    auto type = in.u8();
    all.push_back({type, std::string(in.string())});
  }
  EXPECT_TRUE(in.ok());
  return all;
}

TEST(RandomAccessTest, ReadsAnywhere) {
  Frames visit;
  visit.home.write("f", "0123456789", 0640);
  auto answer = visit.open(
      "~/f", read(3, 4) + read(8, 100) + read(10, 1) + read(999, 1) + read(0, 0) + kStat);
  EXPECT_EQ(answer.status, 200u);
  auto got = replies(answer);
  ASSERT_EQ(got.size(), 6u);
  EXPECT_EQ(got[0].payload, "3456");
  EXPECT_EQ(got[1].payload, "89");
  for (int i : {2, 3, 4}) EXPECT_EQ(got[i].payload, "");
  for (int i : {0, 1, 2, 3, 4}) EXPECT_EQ(got[i].type, 65);
  EXPECT_EQ(got[5].type, 66);
  wire::Reader status(got[5].payload);
  EXPECT_EQ(status.u64(), 10u);
  EXPECT_GT(status.u64(), 0u);
  EXPECT_LT(status.u32(), 1'000'000'000u);
  EXPECT_EQ(status.u32(), 0640u);
}

TEST(RandomAccessTest, WritesAnywhere) {
  Frames visit;
  visit.home.write("f", "0123456789");
  auto got = replies(visit.open(
      "~/f?mode=write", write(2, "ab") + write(12, "Z") + read(0, 20) + truncate(4) + kSync));
  ASSERT_EQ(got.size(), 5u);
  EXPECT_EQ(got[0].type, 64);
  EXPECT_EQ(got[0].payload, std::string("\0\0\0\2", 4));
  EXPECT_EQ(got[2].payload, std::string("01ab456789\0\0Z", 13));
  EXPECT_EQ(got[3].type, 64);
  EXPECT_EQ(got[4].type, 64);
  EXPECT_EQ(visit.home.read("f"), "01ab");
}

TEST(RandomAccessTest, OnlyCreateMakesTheFile) {
  Frames visit;
  EXPECT_EQ(visit.open("~/f", "").status, 404u);
  EXPECT_EQ(visit.open("~/f?mode=write", "").status, 404u);
  EXPECT_EQ(visit.open("~/f?mode=create", write(0, "x")).status, 200u);
  EXPECT_EQ(visit.open("~/f?mode=create", write(1, "y")).status, 200u);
  EXPECT_EQ(visit.home.read("f"), "xy");
  EXPECT_EQ(visit.open("~/f?mode=append", "").status, 400u);
  EXPECT_EQ(visit.open("~", "").status, 409u);
  EXPECT_EQ(visit.open("~?mode=create", "").status, 409u);
}

TEST(RandomAccessTest, AnErrorAnswersOneRequestAndTheStreamGoesOn) {
  Frames visit;
  visit.home.write("f", "0123");
  auto got = replies(visit.open(
      "~/f", write(0, "x") + truncate(0) + read(UINT64_MAX, 1) + read(INT64_MAX, 1) + read(0, 2)));
  ASSERT_EQ(got.size(), 5u);
  for (int i : {0, 1, 2, 3}) {
    EXPECT_EQ(got[i].type, 67) << i;
    wire::Reader error(got[i].payload);
    EXPECT_LE(error.u32(), static_cast<std::uint32_t>(Errc::system));
    EXPECT_FALSE(error.string().empty());
    EXPECT_TRUE(error.finish("an ERROR frame"));
  }
  EXPECT_EQ(got[4].payload, "01");
  EXPECT_EQ(visit.home.read("f"), "0123");
}

TEST(RandomAccessTest, AMalformedFrameEndsTheStream) {
  Frames visit;
  visit.home.write("f", "0123");
  auto got = replies(visit.open("~/f", read(0, 1) + frame(9, "") + read(1, 1)));
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[1].type, 67);
  EXPECT_EQ(wire::Reader(got[1].payload).u32(), static_cast<std::uint32_t>(Errc::malformed));
  auto cut = replies(visit.open("~/f?mode=write", write(0, "abcd").substr(0, 15)));
  ASSERT_EQ(cut.size(), 1u);
  EXPECT_EQ(cut[0].type, 67);
  EXPECT_EQ(visit.home.read("f"), "0123") << "half a WRITE is none";
}

}  // namespace
}  // namespace nigh::resource
