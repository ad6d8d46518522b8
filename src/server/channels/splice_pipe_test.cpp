// SPDX-License-Identifier: Apache-2.0
#include "server/channels/splice_pipe.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace nigh::server {
namespace {

std::pair<UniqueFd, UniqueFd> sockets() {
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void take(const UniqueFd& from, std::string& all) {
  char bytes[64 * 1024];
  for (auto n = ::read(from.get(), bytes, sizeof bytes); n > 0;
       n = ::read(from.get(), bytes, sizeof bytes))
    all.append(bytes, static_cast<std::size_t>(n));
}

TEST(SplicePipeTest, WhatTheSinkCannotTakeAtOnceFollowsInOrder) {
  asio::io_context context(1);
  auto [sends, from] = sockets();
  auto [to, gets] = sockets();
  io::FdSink sink(context.get_executor(), std::move(to),
                  {[](std::size_t) {}, [](int) { FAIL(); }, [] {}});
  SplicePipe pipe;
  std::string all, got, buffer(10'000, 0);
  for (int i = 0; i < 400'000; ++i) all += std::to_string(i);
  std::string_view rest = all;
  bool kept = false;
  while (got.size() < all.size()) {
    auto n = ::write(sends.get(), rest.data(), rest.size());
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
    while (sink.queued() == 0) {
      auto count = pipe.fill(from.get(), 150'000);
      if (count == 0) break;
      pipe.drain(count, sink, buffer);
      kept |= sink.queued() > 0;
    }
    if (sink.queued() == 0 && !rest.empty()) continue;
    take(gets, got);
    context.restart();
    context.poll();
  }
  EXPECT_EQ(got, all);
  EXPECT_TRUE(kept);
}

TEST(SplicePipeTest, WhereNothingComesThereIsNothing) {
  auto [sends, from] = sockets();
  SplicePipe pipe;
  EXPECT_EQ(pipe.fill(from.get(), 1000), 0u);
  ASSERT_EQ(::write(sends.get(), "12345", 5), 5);
  sends.reset();
  std::string got;
  auto [to, gets] = sockets();
  asio::io_context context(1);
  io::FdSink sink(context.get_executor(), std::move(to),
                  {[](std::size_t) {}, [](int) { FAIL(); }, [] {}});
  auto count = pipe.fill(from.get(), 1000);
  EXPECT_EQ(count, 5u);
  pipe.drain(count, sink, {});
  take(gets, got);
  EXPECT_EQ(got, "12345");
  EXPECT_EQ(pipe.fill(from.get(), 1000), 0u) << "the end";
}

TEST(SplicePipeTest, ASinkThatBreaksIsHeardOf) {
  ::signal(SIGPIPE, SIG_IGN);  // as in the process of the channels
  auto [sends, from] = sockets();
  auto [to, gets] = sockets();
  asio::io_context context(1);
  bool broken = false;
  io::FdSink sink(context.get_executor(), std::move(to),
                  {[](std::size_t) {}, [&](int) { broken = true; }, [] {}});
  ASSERT_EQ(::write(sends.get(), "12345", 5), 5);
  gets.reset();
  SplicePipe pipe;
  std::string buffer(100, 0);
  pipe.drain(pipe.fill(from.get(), 1000), sink, buffer);
  EXPECT_TRUE(broken);
  ASSERT_EQ(::write(sends.get(), "678", 3), 3);
  EXPECT_EQ(pipe.fill(from.get(), 1000), 3u) << "the pipe is empty again";
}

}  // namespace
}  // namespace nigh::server
