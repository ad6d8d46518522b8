// SPDX-License-Identifier: Apache-2.0
#include "service/run/frame_body.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <map>

#include "io/process.hpp"

namespace nigh::run {
namespace {

using Next = http2::BodySource::Next;

// A body whose frames are decoded again, as a client would.
struct Sender {
  // The writing end of a pipe whose other end the body sends.
  UniqueFd add(Frame type, std::function<void()> on_end = [] {}) {
    auto pipe = io::make_pipe(io::OurEnd::reader, 1 << 20).value();
    body.add(type, std::move(pipe.reader), std::move(on_end));
    return std::move(pipe.writer);
  }
  // All that can be sent now, `room` bytes at a time.
  void pump(std::size_t room = 64 * 1024) {
    std::string into(room, '\0');
    for (;;) {
      auto chunk = body.read(into);
      ASSERT_LE(chunk.size, room);
      ASSERT_TRUE(decoder.feed(std::string_view(into).substr(0, chunk.size)));
      if (chunk.next == Next::end) over = true;
      if (chunk.next != Next::more) return;
      ASSERT_GT(chunk.size, 0u) << "more, but nothing came";
    }
  }

  asio::io_context context{1};
  int resumed = 0;
  FrameBody body{context.get_executor(), [this] { ++resumed; }};
  std::map<Frame, std::string> data;
  std::vector<Frame> control;
  bool over = false;
  FrameDecoder decoder{Receiver::client,
                       {[this](Frame type, std::string_view) {
                          control.push_back(type);
                          return Result<void>();
                        },
                        [this](Frame type, std::string_view piece) { data[type] += piece; }}};
};

void write_all(const UniqueFd& fd, std::string_view text) {
  ASSERT_EQ(::write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

std::string numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + " ";
  return text;
}

TEST(FrameBodyTest, EveryRoomHoweverTightGivesTheSameFrames) {
  for (std::size_t room : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 1000}) {
    Sender sender;
    sender.body.push(frame(Frame::started, "{}"));
    auto out = sender.add(Frame::stdout_data), err = sender.add(Frame::stderr_data);
    write_all(out, numbers(500));
    write_all(err, "to err");
    sender.pump(room);
    EXPECT_FALSE(sender.over);
    out.reset();
    err.reset();
    sender.body.push(frame(Frame::exit, "{}"));
    sender.body.finish();
    sender.pump(room);
    EXPECT_TRUE(sender.over) << room;
    EXPECT_TRUE(sender.decoder.finish());
    EXPECT_EQ(sender.data[Frame::stdout_data], numbers(500)) << room;
    EXPECT_EQ(sender.data[Frame::stderr_data], "to err");
    EXPECT_EQ(sender.control, (std::vector{Frame::started, Frame::exit}));
  }
}

TEST(FrameBodyTest, AWaitingBodyIsResumedWhenThereIsMore) {
  Sender sender;
  sender.body.push(frame(Frame::started, "{}"));
  auto out = sender.add(Frame::stdout_data);
  sender.pump();
  auto before = sender.resumed;
  write_all(out, "late");
  sender.context.run_one();
  EXPECT_GT(sender.resumed, before);
  sender.pump();
  EXPECT_EQ(sender.data[Frame::stdout_data], "late");
}

TEST(FrameBodyTest, NoMoreIsSentThanIsAllowed) {
  Sender sender;
  sender.body.push(frame(Frame::started, "{}"));
  auto out = sender.add(Frame::stdout_data);
  const auto text = numbers(1000);
  sender.body.allow(Frame::stdout_data, 10);
  write_all(out, text);
  auto& got = sender.data[Frame::stdout_data];
  sender.pump();
  EXPECT_EQ(got, text.substr(0, 10));
  sender.body.allow(Frame::stdout_data, 5);
  sender.pump();
  EXPECT_EQ(got.size(), 10u) << "less than was sent already is no harm";
  sender.body.allow(Frame::stdout_data, 11);
  sender.pump(3);
  EXPECT_EQ(got.size(), 11u);
  sender.body.allow(Frame::stdout_data, UINT64_MAX);
  sender.pump();
  EXPECT_EQ(got, text);
}

TEST(FrameBodyTest, ADroppedDescriptorIsClosedAndSaysNoMore) {
  ::signal(SIGPIPE, SIG_IGN);
  Sender sender;
  bool ended = false;
  sender.body.push(frame(Frame::started, "{}"));
  auto out = sender.add(Frame::stdout_data, [&] { ended = true; });
  auto err = sender.add(Frame::stderr_data);
  write_all(out, "never read");
  sender.body.drop(Frame::stdout_data);
  EXPECT_FALSE(sender.body.has(Frame::stdout_data));
  EXPECT_TRUE(sender.body.has(Frame::stderr_data));
  write_all(err, "still here");
  sender.pump();
  EXPECT_EQ(sender.data.count(Frame::stdout_data), 0u);
  EXPECT_EQ(sender.data[Frame::stderr_data], "still here");
  EXPECT_FALSE(ended);
  EXPECT_EQ(::fcntl(out.get(), F_GETFL) & O_ACCMODE, O_WRONLY);
  EXPECT_EQ(::write(out.get(), "x", 1), -1) << "its reader has gone";
}

TEST(FrameBodyTest, TheEndOfADescriptorIsToldOnceAfterItsBytes) {
  Sender sender;
  int ends = 0;
  sender.body.push(frame(Frame::started, "{}"));
  auto out = sender.add(Frame::stdout_data, [&] {
    ++ends;
    EXPECT_EQ(sender.data[Frame::stdout_data], "all");
    sender.body.push(frame(Frame::exit, "{}"));
    sender.body.finish();
  });
  write_all(out, "all");
  sender.pump();
  EXPECT_EQ(ends, 0);
  out.reset();
  sender.pump(1);
  EXPECT_EQ(ends, 1);
  EXPECT_TRUE(sender.over);
  EXPECT_EQ(sender.control, (std::vector{Frame::started, Frame::exit}));
}

TEST(FrameBodyTest, DrainingSendsWhatIsThereAndDoesNotWaitForMore) {
  Sender sender;
  sender.body.push(frame(Frame::started, "{}"));
  auto held_open = sender.add(Frame::stdout_data, [&] {
    sender.body.push(frame(Frame::exit, "{}"));
    sender.body.finish();
  });
  write_all(held_open, numbers(20'000));
  sender.body.end_after_drain();
  sender.pump();
  EXPECT_TRUE(sender.over);
  EXPECT_EQ(sender.data[Frame::stdout_data], numbers(20'000));
}

TEST(FrameBodyTest, ABusyDescriptorDoesNotStarveTheOther) {
  Sender sender;
  sender.body.push(frame(Frame::started, "{}"));
  auto out = sender.add(Frame::stdout_data), err = sender.add(Frame::stderr_data);
  write_all(out, std::string(100'000, 'o'));
  write_all(err, std::string(100'000, 'e'));
  std::string into(1000, '\0');
  for (int i = 0; i < 20; ++i) {
    auto chunk = sender.body.read(into);
    ASSERT_TRUE(sender.decoder.feed(std::string_view(into).substr(0, chunk.size)));
  }
  EXPECT_GT(sender.data[Frame::stdout_data].size(), 8000u);
  EXPECT_GT(sender.data[Frame::stderr_data].size(), 8000u);
}

}  // namespace
}  // namespace nigh::run
