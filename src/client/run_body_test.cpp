// SPDX-License-Identifier: Apache-2.0
#include "client/run_body.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "client/early_body.hpp"

namespace nigh::client {
namespace {

using run::Frame;
using run::frame;
using Next = http2::BodySource::Next;

// Reads in steps of at most `step` until the body waits or ends.
std::string drain(http2::BodySource& body, std::size_t step, Next* last = nullptr) {
  std::string out, room(step, '\0');
  for (;;) {
    auto chunk = body.read(room);
    out.append(room, 0, chunk.size);
    if (last) *last = chunk.next;
    if (chunk.next != Next::more) return out;
    EXPECT_GT(chunk.size, 0u) << "more without a byte";
    if (chunk.size == 0) return out;
  }
}

// The payloads of the STDIN frames in `bytes`, "|" where another frame stands.
std::string input_in(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    auto length =
        static_cast<unsigned char>(bytes[3]) * 256u + static_cast<unsigned char>(bytes[4]);
    out += bytes[0] == static_cast<char>(Frame::stdin_data)
               ? std::string(bytes.substr(run::kFrameHeader, length))
               : "|";
    bytes.remove_prefix(run::kFrameHeader + length);
  }
  return out;
}

struct ARunBody : testing::Test {
  int resumed = 0;
  RunBody body{[this] { ++resumed; }};
};

TEST_F(ARunBody, SendsSpecInputAndItsEndInOneGo) {
  bool sent = false;
  body.push(frame(Frame::spec, "{}"));
  body.send_input("hello", [&] { sent = true; });
  body.end_input();
  EXPECT_EQ(drain(body, 1000), frame(Frame::spec, "{}") + frame(Frame::stdin_data, "hello") +
                                   frame(Frame::stdin_eof, ""));
  EXPECT_TRUE(sent);
  EXPECT_GE(resumed, 3);
}

TEST_F(ARunBody, KeepsFramesWholeWhateverRoomThereIs) {
  for (std::size_t step = 1; step < 24; ++step) {
    RunBody stepwise([] {});
    stepwise.push(frame(Frame::signal, "INT"));
    stepwise.send_input("the input of a command", [] {});
    stepwise.end_input();
    auto bytes = drain(stepwise, step);
    EXPECT_EQ(input_in(bytes), "|the input of a command|") << step;
  }
}

TEST_F(ARunBody, SendsNoMoreInputThanItMay) {
  std::string input(run::kEarlyInput + 10, 'x');
  body.send_input(input, [] {});
  EXPECT_EQ(input_in(drain(body, 16 * 1024)).size(), run::kEarlyInput);
  body.push(frame(Frame::signal, "INT"));
  EXPECT_EQ(drain(body, 1000), frame(Frame::signal, "INT")) << "a signal needs no window";
  body.allow(run::kEarlyInput + 7);
  EXPECT_EQ(input_in(drain(body, 1000)).size(), 7u);
  body.allow(5);  // never less than before
  EXPECT_EQ(drain(body, 1000), "");
  EXPECT_EQ(body.input_sent(), run::kEarlyInput + 7);
}

TEST_F(ARunBody, ReadsADescriptorToItsEnd) {
  asio::io_context context;
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  body.send_input(context.get_executor(), UniqueFd(ends[0]));
  Next next{};
  EXPECT_EQ(drain(body, 100, &next), "");
  EXPECT_EQ(next, Next::wait);
  ASSERT_EQ(write(ends[1], "abc", 3), 3);
  close(ends[1]);
  context.run();
  EXPECT_EQ(drain(body, 100), frame(Frame::stdin_data, "abc") + frame(Frame::stdin_eof, ""));
}

TEST_F(ARunBody, ForgetsInputThatIsDropped) {
  body.send_input("abc", [] { FAIL() << "it was not sent"; });
  body.drop_input();
  body.finish();
  Next next{};
  EXPECT_EQ(drain(body, 100, &next), "");
  EXPECT_EQ(next, Next::end);
}

TEST_F(ARunBody, EndsOnlyAfterWhatWasPushed) {
  body.push(frame(Frame::signal, "INT"));
  body.finish();
  Next next{};
  EXPECT_EQ(drain(body, 3, &next), frame(Frame::signal, "INT"));
  EXPECT_EQ(next, Next::end);
}

TEST(AnEarlyBody, SendsLittleUntilItIsReleasedAndTheSameEachTime) {
  RunBody inner([] {});
  EarlyBody early(inner);
  std::string input(3 * kEarlyBytes, '\0');
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<char>('a' + i % 26);
  inner.send_input(input, [] {});
  auto first = drain(early, 1000);
  EXPECT_EQ(first.size(), kEarlyBytes);
  for (std::size_t step : {7, 5000}) {
    early.rewind();
    EXPECT_EQ(drain(early, step), first);
  }
  early.rewind();
  early.release();
  auto all = drain(early, 1000);
  EXPECT_TRUE(all.starts_with(first));
  EXPECT_EQ(input_in(all), input);
}

TEST(AnEarlyBody, RepeatsAnEndToo) {
  RunBody inner([] {});
  EarlyBody early(inner);
  inner.push("abc");
  inner.finish();
  for (int i = 0; i < 3; ++i) {
    Next next{};
    EXPECT_EQ(drain(early, 2, &next), "abc");
    EXPECT_EQ(next, Next::end);
    early.rewind();
  }
}

}  // namespace
}  // namespace nigh::client
