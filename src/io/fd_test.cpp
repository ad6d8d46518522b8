// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/fd_sink.hpp"
#include "io/fd_source.hpp"
#include "io/process.hpp"
#include "io/pty.hpp"
#include "io/standard_stream.hpp"
#include "io/test_support.hpp"

namespace nigh::io {
namespace {

// Reads `source` to its end through the event loop.
std::string drain(asio::io_context& context, UniqueFd fd) {
  std::string all;
  bool ended = false;
  std::optional<FdSource> source;
  auto pump = [&] {
    char chunk[1000];
    for (auto r = source->read(chunk); r.size > 0 || r.ended; r = source->read(chunk)) {
      if (r.ended) return void(ended = true);
      all.append(chunk, r.size);
    }
  };
  source.emplace(context.get_executor(), std::move(fd), pump);
  pump();
  while (!ended) context.run_one();
  return all;
}

TEST(FdTest, ASinkIntoAPipeArrivesWholeAndInOrder) {
  asio::io_context context(1);
  auto pipe = make_pipe(OurEnd::writer, 4096).value();
  ::fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK);
  std::string sent;
  for (int i = 0; i < 50'000; ++i) sent += std::to_string(i);
  std::size_t written = 0;
  bool finished = false;
  FdSink sink(
      context.get_executor(), std::move(pipe.writer),
      {[&](std::size_t n) { written += n; }, [](int) { FAIL(); }, [&] { finished = true; }});
  sink.write(sent.substr(0, 100'000));
  EXPECT_GT(sink.queued(), 0u);
  sink.write(sent.substr(100'000));
  sink.finish();
  EXPECT_EQ(drain(context, std::move(pipe.reader)), sent);
  EXPECT_EQ(written, sent.size());
  EXPECT_TRUE(finished);
}

TEST(FdTest, ASinkWhoseReaderIsAlwaysBehindKeepsOnlyWhatIsNotWritten) {
  asio::io_context context(1);
  auto pipe = make_pipe(OurEnd::writer, 4096).value();
  FdSink sink(context.get_executor(), std::move(pipe.writer),
              {[](std::size_t) {}, [](int) { FAIL(); }, [] {}});
  std::string block(64 * 1024, 'x');
  sink.write(block);
  sink.write(block);
  for (int i = 0; i < 1000; ++i) {
    char chunk[16 * 1024];
    for (std::size_t left = block.size(); left > 0;) {
      auto n = ::read(pipe.reader.get(), chunk, std::min(left, sizeof chunk));
      ASSERT_GT(n, 0);
      left -= static_cast<std::size_t>(n);
      context.poll();
    }
    sink.write(block);
    ASSERT_GT(sink.queued(), 0u);
  }
  EXPECT_LT(sink.memory(), 1u << 20);
}

// Who is told that it goes on decides by what is still queued, and may not be told again.
TEST(FdTest, WhoHearsThatSomethingWasWrittenSeesWhatIsLeft) {
  asio::io_context context(1);
  auto pipe = make_pipe(OurEnd::writer, 64 * 1024).value();
  std::size_t left = 1;
  FdSink* told = nullptr;
  FdSink sink(context.get_executor(), std::move(pipe.writer),
              {[&](std::size_t) { left = told->queued(); }, [](int) { FAIL(); }, [] {}});
  told = &sink;
  const std::size_t room = 64 * 1024;
  sink.write(std::string(room + 10'000, 'x'));
  EXPECT_EQ(left, 10'000u);
  std::string all(room, '\0');
  ASSERT_EQ(::read(pipe.reader.get(), all.data(), room), static_cast<ssize_t>(room));
  while (left == 10'000) context.run_one();
  EXPECT_EQ(left, 0u);
}

TEST(FdTest, ASinkWhoseReaderLeftReportsEpipeOnce) {
  ::signal(SIGPIPE, SIG_IGN);
  asio::io_context context(1);
  auto pipe = make_pipe(OurEnd::writer, 4096).value();
  pipe.reader.reset();
  int broken = 0;
  FdSink sink(context.get_executor(), std::move(pipe.writer),
              {[](std::size_t) {}, [&](int e) { broken = e; }, [] {}});
  sink.write("x");
  EXPECT_EQ(broken, EPIPE);
  EXPECT_FALSE(sink.open());
  sink.write("y");
}

TEST(FdTest, FilesAndDevicesThatEpollRefusesAreStillRead) {
  asio::io_context context(1);
  EXPECT_EQ(drain(context, UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC))), "");
  EXPECT_GT(drain(context, UniqueFd(::open("/proc/self/status", O_RDONLY | O_CLOEXEC))).size(), 9u);
}

TEST(StandardStreamTest, APipeIsOpenedAnewAndASocketsFlagIsPutBack) {
  auto pipe = make_pipe(OurEnd::writer, 4096).value();
  {
    auto stream = StandardStream::open(pipe.reader.get(), StandardStream::For::reading).value();
    EXPECT_TRUE(::fcntl(stream.take().get(), F_GETFL) & O_NONBLOCK);
    EXPECT_FALSE(::fcntl(pipe.reader.get(), F_GETFL) & O_NONBLOCK);
  }
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  UniqueFd a(ends[0]), b(ends[1]);
  {
    auto stream = StandardStream::open(a.get(), StandardStream::For::reading).value();
    EXPECT_TRUE(::fcntl(a.get(), F_GETFL) & O_NONBLOCK);
  }
  EXPECT_FALSE(::fcntl(a.get(), F_GETFL) & O_NONBLOCK);
  EXPECT_FALSE(StandardStream::open(987, StandardStream::For::reading));
}

SpawnSpec shell(const std::string& line) { return {"/bin/sh", {"sh", "-c", line}, {"A=1"}, "/"}; }

awaitable<void> expect_helper(SpawnSpec spec, std::string input, std::string output, int code) {
  auto result = co_await run_helper(spec, input, 100'000);
  EXPECT_EQ(result.output, output);
  EXPECT_EQ(result.status.code, code);
}
awaitable<void> expect_killed() {
  auto result = co_await run_helper(shell("kill -9 $$"), "", 10);
  EXPECT_EQ(result.status.signal, SIGKILL);
}
awaitable<void> discard_helper(SpawnSpec spec) { co_await run_helper(spec, "", 10); }

TEST(ProcessTest, RunsByArgvWithItsOwnEnvironmentAndDirectory) {
  EXPECT_FALSE(run_to_error(expect_helper(shell("echo $A; pwd; exit 3"), "", "1\n/\n", 3)));
  std::string big(70'000, 'x');
  EXPECT_FALSE(run_to_error(expect_helper(shell("cat"), big, big, 0)));
  EXPECT_FALSE(run_to_error(expect_killed()));
  EXPECT_EQ(run_to_error(discard_helper(shell("yes | head -c 1000")))->code, Errc::too_large);
}

TEST(ProcessTest, SaysWhyAProgramCannotRun) {
  SpawnSpec spec{"/no/such", {"x"}, {}, ""};
  EXPECT_EQ(spawn(spec).error().message, "cannot run /no/such: No such file or directory");
  spec = shell("true");
  spec.directory = "/no/dir";
  EXPECT_EQ(spawn(spec).error().message, "cannot enter /no/dir: No such file or directory");
  EXPECT_EQ(find_program("sh", "/none:/bin"), "/bin/sh");
  EXPECT_EQ(find_program("./x", ""), "./x");
  EXPECT_EQ(find_program("no-such-program", "/bin").error().code, Errc::not_found);
}

TEST(PtyTest, TheChildHasAControllingTerminalOfTheRightSize) {
  asio::io_context context(1);
  auto pty = open_pty({99, 33, 0, 0}).value();
  auto spec = shell("stty size < /dev/tty; test -t 1 && echo tty");
  spec.environment = {"PATH=/bin:/usr/bin"};
  spec.terminal = pty.path;
  std::optional<ChildStatus> status;
  Child child(context.get_executor(), spawn(spec).value(), [&](ChildStatus s) { status = s; });
  EXPECT_EQ(drain(context, std::move(pty.ours)), "33 99\r\ntty\r\n");
  while (!status) context.run_one();
  EXPECT_EQ(status->code, 0);
}

}  // namespace
}  // namespace nigh::io
