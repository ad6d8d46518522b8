// SPDX-License-Identifier: Apache-2.0
#include "service/run/process_pump.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "io/process.hpp"
#include "io/pty.hpp"
#include "service/run/frames.hpp"

namespace nigh::run {
namespace {

using Next = http2::BodySource::Next;

// A pump, the command's ends of its pipes, and what its client receives.
struct Command3 {
  Command3() {
    for (auto* ends : {&out_, &err_}) *ends = io::make_pipe(io::OurEnd::reader, 1 << 20).value();
    in_ = io::make_pipe(io::OurEnd::writer, 4096).value();
    ::fcntl(in_.reader.get(), F_SETFL, O_NONBLOCK);
  }

  void attach(std::uint64_t window = 0) {
    std::vector<UniqueFd> descriptors;
    for (auto* fd : {&in_.writer, &out_.reader, &err_.reader})
      descriptors.push_back(std::move(*fd));
    pump.attach(std::move(descriptors), {"1", window});
  }
  void send() {
    std::string into(64 * 1024, '\0');
    for (auto next = Next::more; next == Next::more;) {
      auto chunk = pump.body().read(into);
      next = chunk.next;
      ASSERT_TRUE(decoder.feed(std::string_view(into).substr(0, chunk.size)));
      over = over || next == Next::end;
    }
  }
  // What the command finds in its standard input by now; "(end)" stands for its end.
  std::string input() {
    std::string all;
    char chunk[10'000];
    for (;;) {
      while (context.poll_one() > 0) {
      }
      auto n = ::read(in_.reader.get(), chunk, sizeof chunk);
      if (n == 0) return all + "(end)";
      if (n < 0) return all;
      all.append(chunk, static_cast<std::size_t>(n));
    }
  }
  void end(Frame which) { (which == Frame::stdout_data ? out_ : err_).writer.reset(); }
  void print(Frame which, std::string_view text) {
    auto& fd = (which == Frame::stdout_data ? out_ : err_).writer;
    ASSERT_EQ(::write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  asio::io_context context{1};
  io::Pipe in_, out_, err_;
  ProcessPump pump{context.get_executor(), [] {}};
  std::string out, err;
  std::vector<std::pair<Frame, std::string>> control;
  bool over = false;
  FrameDecoder decoder{Receiver::client,
                       {[this](Frame type, std::string_view payload) {
                          control.emplace_back(type, payload);
                          return Result<void>();
                        },
                        [this](Frame type, std::string_view piece) {
                          (type == Frame::stdout_data ? out : err) += piece;
                        }}};
};

std::vector<std::uint64_t> acks(const Command3& command) {
  std::vector<std::uint64_t> all;
  for (const auto& [type, payload] : command.control)
    if (type == Frame::ack) all.push_back(decode_ack(payload).value());
  return all;
}

TEST(ProcessPumpTest, StartedComesFirstWithTheWindow) {
  for (auto [asked, given] : {std::pair<std::uint64_t, std::uint64_t>{0, kEarlyInput},
                              {1000, kEarlyInput},
                              {kMaxInputWindow, kMaxInputWindow}}) {
    Command3 command;
    command.print(Frame::stdout_data, "early");
    command.attach(asked);
    command.send();
    ASSERT_EQ(command.control.size(), 1u);
    auto note = decode_started(command.control[0].second).value();
    EXPECT_EQ(note.id, "1");
    EXPECT_EQ(note.input_window, given);
    EXPECT_EQ(command.out, "early");
  }
}

TEST(ProcessPumpTest, ExitFollowsAllOutputInWhateverOrderTheyEnd) {
  enum Step { kExit, kOut, kErr };
  for (auto steps : {std::vector{kExit, kOut, kErr}, {kOut, kErr, kExit}, {kErr, kExit, kOut}}) {
    Command3 command;
    command.attach();
    command.print(Frame::stdout_data, "out");
    command.print(Frame::stderr_data, "err");
    for (auto step : steps) {
      EXPECT_FALSE(command.over);
      if (step == kExit) command.pump.exited({.code = 3});
      if (step == kOut) command.end(Frame::stdout_data);
      if (step == kErr) command.end(Frame::stderr_data);
      command.send();
    }
    EXPECT_TRUE(command.over);
    EXPECT_EQ(command.out + command.err, "outerr");
    ASSERT_EQ(command.control.size(), 2u);
    EXPECT_EQ(decode_exit(command.control[1].second)->code, 3);
  }
}

TEST(ProcessPumpTest, ClosingOutputsLateOrTwiceStillGivesOneExit) {
  Command3 command;
  command.attach();
  command.pump.exited({});
  command.pump.output_closed(Frame::stdout_data);
  command.pump.output_closed(Frame::stderr_data);
  command.pump.output_closed(Frame::stderr_data);
  command.send();
  EXPECT_TRUE(command.over);
  EXPECT_EQ(command.control.size(), 2u);
}

TEST(ProcessPumpTest, AClosedOutputIsClosedForTheCommandToo) {
  ::signal(SIGPIPE, SIG_IGN);
  Command3 command;
  command.attach();
  command.pump.output_closed(Frame::stdout_data);
  EXPECT_EQ(::write(command.out_.writer.get(), "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  command.print(Frame::stderr_data, "goes on");
  command.send();
  EXPECT_EQ(command.err, "goes on");
}

TEST(ProcessPumpTest, InputBeforeTheStartIsKeptAndWritten) {
  Command3 command;
  ASSERT_TRUE(command.pump.input("one "));
  ASSERT_TRUE(command.pump.input("two"));
  command.pump.input_ended();
  command.attach();
  EXPECT_EQ(command.input(), "one two(end)");
}

TEST(ProcessPumpTest, InputBeforeTheStartHasItsOwnLimit) {
  Command3 command;
  ASSERT_TRUE(command.pump.input(std::string(kEarlyInput, 'x')));
  auto refused = command.pump.input("x");
  EXPECT_EQ(refused.error().code, Errc::too_large);
  EXPECT_EQ(refused.error().message, "session: more STDIN than the window allows");
}

TEST(ProcessPumpTest, InputBeyondTheWindowIsRefusedAndOneWithinItIsNot) {
  Command3 command;
  command.attach(100'000);
  // The command reads nothing: its pipe holds 4 KiB, the rest is ours to keep.
  ASSERT_TRUE(command.pump.input(std::string(100'000, 'a')));
  auto first = command.input();
  EXPECT_EQ(first.size(), 100'000u);
  ASSERT_TRUE(command.pump.input(std::string(100'000, 'b'))) << "what was taken counts no more";
  EXPECT_FALSE(command.pump.input(std::string(8192, 'c')));
}

TEST(ProcessPumpTest, EveryQuarterOfTheWindowIsAcknowledged) {
  Command3 command;
  constexpr std::uint64_t kWindow = kEarlyInput;
  command.attach(kWindow);
  std::uint64_t total = 0;
  for (int i = 0; i < 64; ++i) {
    total += kWindow / 16;
    ASSERT_TRUE(command.pump.input(std::string(kWindow / 16, 'x')));
    command.input();
    command.send();
  }
  auto seen = acks(command);
  ASSERT_FALSE(seen.empty());
  EXPECT_LE(seen.size(), 16u) << "no more than needed";
  std::uint64_t last = 0;
  for (auto ack : seen) {
    EXPECT_GE(ack - last, kWindow / 4);
    last = ack;
  }
  EXPECT_GE(last + kWindow / 4, total) << "so the client never stalls";
}

TEST(ProcessPumpTest, ACommandThatReadsNothingGetsNoAcks) {
  Command3 command;
  command.attach();
  ASSERT_TRUE(command.pump.input(std::string(kEarlyInput, 'x')));
  while (command.context.poll_one() > 0) {
  }
  command.send();
  EXPECT_TRUE(acks(command).empty());
}

TEST(ProcessPumpTest, InputForACommandThatClosedItIsDropped) {
  ::signal(SIGPIPE, SIG_IGN);
  Command3 command;
  command.in_.reader.reset();
  command.attach();
  EXPECT_TRUE(command.pump.input("nobody reads this"));
  command.pump.input_ended();
  command.send();
  EXPECT_TRUE(acks(command).empty());
  EXPECT_FALSE(command.over);
}

TEST(ProcessPumpTest, PreloadedInputHasNoWindow) {
  Command3 command;
  command.pump.preload(std::string(1'000'000, 'p'));
  command.attach();
  EXPECT_EQ(command.input(), std::string(1'000'000, 'p') + "(end)");
}

struct OnTerminal : Command3 {
  OnTerminal() {
    auto pty = io::open_pty({80, 24, 0, 0}).value();
    user = UniqueFd(::open(pty.path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    std::vector<UniqueFd> one;
    one.push_back(std::move(pty.ours));
    pump.attach(std::move(one), {"1", 0});
  }
  UniqueFd user;  // the command's side
};

TEST(ProcessPumpTest, ATerminalHeldOpenByOthersDoesNotDelayTheExit) {
  OnTerminal terminal;
  ASSERT_EQ(::write(terminal.user.get(), "bye\n", 4), 4);
  terminal.pump.exited({.code = 2});
  terminal.send();
  EXPECT_TRUE(terminal.over);
  EXPECT_EQ(terminal.out, "bye\r\n");
  EXPECT_EQ(decode_exit(terminal.control.back().second)->code, 2);
}

TEST(ProcessPumpTest, TheEndOfInputIsTheTerminalsEndOfFile) {
  OnTerminal terminal;
  ASSERT_TRUE(terminal.pump.input("half a line"));
  terminal.pump.input_ended();
  while (terminal.context.poll_one() > 0) {
  }
  char line[100];
  EXPECT_EQ(::read(terminal.user.get(), line, sizeof line), 11);
  EXPECT_EQ(::read(terminal.user.get(), line, sizeof line), 0);
}

}  // namespace
}  // namespace nigh::run
