// SPDX-License-Identifier: Apache-2.0
#include "base/fd_channel.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <future>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace nigh {
namespace {

// A channel whose other side is the test's.
class AnFdChannel : public testing::Test {
 protected:
  AnFdChannel() {
    ::signal(SIGPIPE, SIG_IGN);
    int in[2], out[2];
    expect(::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0, "no pipe");
    to_ = UniqueFd(in[1]);
    from_ = UniqueFd(out[0]);
    channel_.emplace(UniqueFd(in[0]), UniqueFd(out[1]));
  }

  std::string read(std::size_t size) {
    std::string into(size, '\0');
    into.resize(channel_->read(into));
    return into;
  }
  // All that comes from the channel until it ends.
  std::string drain() {
    std::string all;
    char chunk[5000];
    for (ssize_t n; (n = ::read(from_.get(), chunk, sizeof chunk)) > 0;)
      all.append(chunk, static_cast<std::size_t>(n));
    return all;
  }
  template <class Call>
  std::optional<Errc> failure_of(Call call) {
    try {
      call();
    } catch (const Failure& failure) {
      return failure.code();
    }
    return std::nullopt;
  }

  UniqueFd to_, from_;
  std::optional<FdChannel> channel_;
};

TEST_F(AnFdChannel, ReadsWhatIsThereAndThenTheEnd) {
  ASSERT_EQ(::write(to_.get(), "abc", 3), 3);
  EXPECT_EQ(read(2), "ab");
  EXPECT_EQ(read(10), "c");
  to_.reset();
  EXPECT_EQ(read(10), "");
}

TEST_F(AnFdChannel, WaitsForBytes) {
  auto later = std::async(std::launch::async, [&] { return read(10); });
  ASSERT_EQ(::write(to_.get(), "abc", 3), 3);
  EXPECT_EQ(later.get(), "abc");
}

TEST_F(AnFdChannel, WritesMoreThanThePipeHoldsAndEndsItsHalf) {
  std::string much(3'000'000, '\0');
  for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 7 / 5);
  auto all = std::async(std::launch::async, [&] { return drain(); });
  channel_->write(much);
  channel_->finish();
  EXPECT_TRUE(all.get() == much);
}

TEST_F(AnFdChannel, SaysThatTheOtherSideHasGone) {
  from_.reset();
  EXPECT_EQ(failure_of([&] { channel_->write("x"); }), Errc::closed);
}

TEST_F(AnFdChannel, AnEndOfSomebodyWhoDoesNotReadEitherIsNone) {
  ASSERT_EQ(::write(to_.get(), "abc", 3), 3);
  from_.reset();
  to_.reset();
  EXPECT_EQ(read(10), "abc");
  EXPECT_EQ(failure_of([&] { read(10); }), Errc::closed);
}

TEST_F(AnFdChannel, CancelEndsAReadAndAWriteInProgressAndAllThatFollow) {
  std::string much(3'000'000, 'x');
  auto reader = std::async(std::launch::async, [&] { return failure_of([&] { read(1); }); });
  auto writer =
      std::async(std::launch::async, [&] { return failure_of([&] { channel_->write(much); }); });
  channel_->cancel();
  EXPECT_EQ(reader.get(), Errc::cancelled);
  EXPECT_EQ(writer.get(), Errc::cancelled);
  EXPECT_EQ(failure_of([&] { read(1); }), Errc::cancelled);
  EXPECT_EQ(failure_of([&] { channel_->write("x"); }), Errc::cancelled);
  EXPECT_EQ(failure_of([&] { channel_->finish(); }), Errc::cancelled);
}

TEST_F(AnFdChannel, WhatCameBeforeItWasCancelledCanBeRead) {
  ASSERT_EQ(::write(to_.get(), "abc", 3), 3);
  channel_->cancel();
  EXPECT_EQ(read(10), "abc");
  EXPECT_EQ(failure_of([&] { read(1); }), Errc::cancelled);
}

}  // namespace
}  // namespace nigh
