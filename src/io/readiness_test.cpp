// SPDX-License-Identifier: Apache-2.0
#include "io/readiness.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include "io/process.hpp"

namespace nigh::io {
namespace {

// A pipe's reader, and a file, which epoll refuses: both must behave alike.
struct Kind {
  const char* name;
  UniqueFd (*open)(UniqueFd& keep);
};
const Kind kKinds[] = {{"pipe",
                        [](UniqueFd& writer) {
                          auto pipe = make_pipe(OurEnd::reader, 4096).value();
                          writer = std::move(pipe.writer);
                          EXPECT_EQ(::write(writer.get(), "x", 1), 1);
                          return std::move(pipe.reader);
                        }},
                       {"file", [](UniqueFd&) {
                          return UniqueFd(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
                        }}};

TEST(ReadinessTest, OneCallbackForHoweverManyArms) {
  for (const auto& kind : kKinds) {
    asio::io_context context(1);
    UniqueFd keep;
    int calls = 0;
    Readiness readiness(context.get_executor(), kind.open(keep), Readiness::For::reading,
                        [&] { ++calls; });
    context.run();
    EXPECT_EQ(calls, 0) << kind.name << ": none without arm()";
    readiness.arm();
    readiness.arm();
    EXPECT_EQ(calls, 0) << kind.name << ": never from within arm()";
    context.restart();
    context.run();
    EXPECT_EQ(calls, 1) << kind.name;
    readiness.arm();
    context.restart();
    context.run();
    EXPECT_EQ(calls, 2) << kind.name << ": what is still ready is told again";
  }
}

TEST(ReadinessTest, TheCallbackMayArmAgainOrDestroyIt) {
  for (const auto& kind : kKinds) {
    asio::io_context context(1);
    UniqueFd keep;
    int calls = 0;
    std::optional<Readiness> readiness;
    readiness.emplace(context.get_executor(), kind.open(keep), Readiness::For::reading, [&] {
      if (++calls < 3) return readiness->arm();
      readiness.reset();
    });
    int fd = readiness->fd();
    readiness->arm();
    context.run();
    EXPECT_EQ(calls, 3) << kind.name;
    EXPECT_EQ(::fcntl(fd, F_GETFD), -1) << kind.name << ": its descriptor is closed";
  }
}

TEST(ReadinessTest, ADestroyedOneCallsNobody) {
  for (const auto& kind : kKinds) {
    asio::io_context context(1);
    UniqueFd keep;
    {
      Readiness readiness(context.get_executor(), kind.open(keep), Readiness::For::reading,
                          [] { FAIL(); });
      readiness.arm();
    }
    context.run();
  }
}

TEST(ReadinessTest, TheOtherSidesEndIsReadiness) {
  asio::io_context context(1);
  auto pipe = make_pipe(OurEnd::reader, 4096).value();
  int calls = 0;
  Readiness readiness(context.get_executor(), std::move(pipe.reader), Readiness::For::reading,
                      [&] { ++calls; });
  readiness.arm();
  pipe.writer.reset();
  context.run();
  EXPECT_EQ(calls, 1);
}

TEST(ReadinessTest, TwoPurposesShareADescriptorUntilBothAreOver) {
  asio::io_context context(1);
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  UniqueFd peer(ends[1]);
  int reads = 0, writes = 0;
  std::optional<Readiness> reader, writer;
  reader.emplace(context.get_executor(), UniqueFd(ends[0]), Readiness::For::reading,
                 [&] { ++reads; });
  writer.emplace(*reader, Readiness::For::writing, [&] { ++writes; });
  EXPECT_EQ(writer->fd(), reader->fd());
  reader->arm();
  writer->arm();
  while (writes == 0) context.run_one();
  EXPECT_EQ(reads, 0);
  EXPECT_EQ(::write(peer.get(), "x", 1), 1);
  while (reads == 0) context.run_one();
  EXPECT_EQ(writes, 1);
  char both[2];
  EXPECT_EQ(::read(reader->fd(), both, 2), 1);
  reader->arm();  // and is not told any more
  reader.reset();
  EXPECT_EQ(::write(writer->fd(), "y", 1), 1);
  EXPECT_EQ(::read(peer.get(), both, 2), 1) << "it is still open";
  writer.reset();
  EXPECT_EQ(::read(peer.get(), both, 2), 0) << "and now it is not";
  context.run();
  EXPECT_EQ(reads, 1);
}

}  // namespace
}  // namespace nigh::io
