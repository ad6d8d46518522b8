// SPDX-License-Identifier: Apache-2.0
// A holder in this process, with a worker and clients that are played by the test.
#include "server/holder/holder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>

#include "base/folder_for_test.hpp"
#include "io/pty.hpp"
#include "server/link/session_files.hpp"

namespace nigh::server {
namespace {

namespace fs = std::filesystem;
using run::Frame;
using run::frame;

// One end of a socket whose other end the holder has.
struct Client {
  Client() {
    int ends[2];
    expect(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0, "pair");
    ours = UniqueFd(ends[0]);
    theirs.emplace_back(ends[1]);
    farewell = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    theirs.emplace_back(::fcntl(farewell.get(), F_DUPFD_CLOEXEC, 3));
    theirs.emplace_back(::fcntl(ends[1], F_DUPFD_CLOEXEC, 3));
  }
  void say_farewell() {
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(farewell.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
  }
  void say(std::string_view bytes) {
    ASSERT_EQ(::write(ours.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  // False at the end.
  bool listen() {
    char chunk[64 * 1024];
    for (;;) {
      auto n = ::read(ours.get(), chunk, sizeof chunk);
      if (n <= 0) return n != 0;
      heard.append(chunk, static_cast<std::size_t>(n));
    }
  }
  // What is in the frames of that type that have come, one after another.
  std::string in(Frame wanted) {
    std::string all;
    run::FrameDecoder decoder(run::Receiver::resuming_client,
                              {[&](Frame type, std::string_view payload) {
                                 if (type == wanted) all += payload;
                                 return Result<void>();
                               },
                               [&](Frame type, std::string_view piece) {
                                 if (type == wanted) all += piece;
                               }});
    EXPECT_TRUE(decoder.feed(heard));
    return all;
  }

  UniqueFd ours, farewell;
  std::vector<UniqueFd> theirs;
  std::string heard;
};

struct Play {
  Play() {
    ::signal(SIGPIPE, SIG_IGN);
    ::mkdir(directory.c_str(), 0700);
    ::mkdir((directory + "/resume").c_str(), 0700);
    auto [ours, theirs] = unwrap(server::Link::make_pair());
    worker.emplace(std::move(ours));
    holder.emplace(context, std::move(theirs), directory);
  }

  template <class Condition>
  void until(Condition done) {
    bool is_done = done();
    while (!is_done && !context.stopped()) {
      context.run_one();
      is_done = done();
    }
    EXPECT_TRUE(is_done);
  }
  static Packet next_of(Play& play, server::Link& link) {
    std::optional<Packet> packet;
    play.until([&] { return (packet = unwrap(link.receive())).has_value(); });
    return *std::move(packet);
  }
  template <class Message>
  Message answer(server::Link& link) {
    return std::get<Message>(unwrap(wire::decode<FromHolder>(next_of(*this, link).bytes)));
  }

  HoldCommand command(const std::string& line) {
    HoldCommand made;
    made.facts.id = "abcdefgh";
    made.facts.command = line;
    made.program = "/bin/sh";
    made.argv = {"sh", "-c", line};
    made.environment = {"PATH=/usr/bin:/bin"};
    made.directory = folder.path();
    made.client = visitor("first");
    return made;
  }
  HolderClient visitor(const std::string& name) {
    HolderClient client;
    client.address = name;
    client.token = Secret("nigh_r_" + name);
    client.token_file = "hash-of-" + name;
    client.token_text = resume_text({"key", ""});
    return client;
  }
  void hold(HoldCommand message, UniqueFd terminal = {}) {
    auto fds = std::move(first.theirs);
    if (terminal.valid()) fds.push_back(std::move(terminal));
    worker->send(wire::encode(ToHolder(std::move(message))), std::move(fds));
  }
  void begin(const std::string& line) {
    hold(command(line));
    EXPECT_GT(answer<Holding>(*worker).pid, 0u);
    worker.reset();
  }
  // As a worker that was not there at the start.
  server::Link connect() {
    UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (directory + "/socket").copy(address.sun_path, 107);
    expect(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
           "the holder does not listen");
    return server::Link(std::move(socket));
  }
  template <class Message>
  Message ask(const ToHolder& question, std::vector<UniqueFd> fds = {}) {
    auto link = connect();
    link.send(wire::encode(question), std::move(fds));
    return answer<Message>(link);
  }
  bool ended() {
    context.run();
    return !fs::exists(directory);
  }

  for_test::Folder folder;
  std::string directory = folder / "session";
  asio::io_context context{1};
  Client first;
  std::optional<server::Link> worker;
  std::optional<Holder> holder;
};

TEST(HolderTest, ACommandRunsForItsFirstClientToItsEnd) {
  Play play;
  play.begin("read x; echo out $x; echo err >&2; exit 3");
  play.first.say(frame(Frame::stdin_data, "in\n"));
  play.until([&] {
    play.first.listen();
    return !play.first.in(Frame::exit).empty();
  });
  EXPECT_NE(play.first.in(Frame::started).find("nigh_r_first"), std::string::npos);
  EXPECT_EQ(play.first.in(Frame::stdout_data), "out in\n");
  EXPECT_EQ(play.first.in(Frame::stderr_data), "err\n");
  EXPECT_EQ(play.first.in(Frame::exit), R"({"code":3})");
  play.first.say(frame(Frame::exit_ack, ""));
  EXPECT_TRUE(play.ended());
}

TEST(HolderTest, WhatCannotBeStartedIsSaidAndLeavesNothing) {
  Play play;
  auto bad = play.command("true");
  bad.program = "/no/such/program";
  play.hold(std::move(bad));
  auto failed = play.answer<Failed>(*play.worker);
  EXPECT_EQ(failed.trouble, Trouble::not_found);
  EXPECT_EQ(failed.message, "cannot run /no/such/program: No such file or directory");
  EXPECT_TRUE(play.ended());
}

TEST(HolderTest, AWorkerThatDiesBeforeItSaysWhatToHoldEndsIt) {
  Play play;
  play.worker.reset();
  EXPECT_TRUE(play.ended());
}

TEST(HolderTest, ATokenIsStoredForAsLongAsItsAttachmentLives) {
  Play play;
  play.begin("exec cat");
  auto file = play.directory + "/resume/hash-of-first";
  auto entry = parse_resume_file(play.folder.read("session/resume/hash-of-first"));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->attachment, 1u);
  EXPECT_EQ(for_test::mode_of(file), 0600u);
  play.first.say(frame(Frame::detach, ""));
  play.until([&] { return !fs::exists(file); });
  EXPECT_TRUE(play.ask<SessionFacts>(HolderAsk()).clients.empty());
  play.ask<HolderDone>(HolderSignal{SIGKILL});
  EXPECT_TRUE(play.ended());
}

TEST(HolderTest, ALostClientGoesOnWhereItWas) {
  Play play;
  play.begin("echo one; read x; echo two");
  play.until([&] {
    play.first.listen();
    return play.first.in(Frame::stdout_data) == "one\n";
  });
  play.first.ours.reset();
  Client again;
  auto visitor = play.visitor("second");
  visitor.only_attachment = 1;
  play.ask<HolderDone>(HolderAttach{std::move(visitor)}, std::move(again.theirs));
  again.say(frame(Frame::resume, R"({"attachment":1,"attempt":1,"stdout":4,"stderr":0})") +
            frame(Frame::stdin_data, "\n"));
  play.until([&] {
    again.listen();
    return again.in(Frame::stdout_data) == "two\n";
  });
  EXPECT_FALSE(fs::exists(play.directory + "/resume/hash-of-second")) << "no attachment was made";
  again.say(frame(Frame::exit_ack, ""));
  EXPECT_TRUE(play.ended());
}

TEST(HolderTest, ATerminalIsPaintedForWhoAttaches) {
  Play play;
  auto pty = unwrap(io::open_pty({80, 24, 0, 0}));
  auto command = play.command("echo on the screen; exec cat");
  command.facts.terminal = true;
  command.facts.columns = 80;
  command.facts.rows = 24;
  command.terminal = pty.path;
  play.hold(std::move(command), std::move(pty.ours));
  play.answer<Holding>(*play.worker);
  play.until([&] {
    play.first.listen();
    return play.first.in(Frame::stdout_data) == "on the screen\r\n";
  });
  play.first.say(frame(Frame::detach, ""));
  play.until([&] { return !play.first.listen(); });
  Client later;
  play.ask<HolderDone>(HolderAttach{play.visitor("later")}, std::move(later.theirs));
  later.say(frame(Frame::resume, R"({"attach":true,"pty":{"columns":70,"rows":20}})"));
  play.until([&] {
    later.listen();
    return later.in(Frame::screen).find("on the screen") != std::string::npos;
  });
  auto facts = play.ask<SessionFacts>(HolderAsk());
  EXPECT_EQ(facts.clients, std::vector<std::string>{"later"});
  EXPECT_EQ(facts.columns, 70u);
  EXPECT_EQ(facts.rows, 20u);
  later.say(frame(Frame::hang_up, ""));
  play.until([&] {
    later.listen();
    return later.in(Frame::exit) == R"({"signal":"HUP"})";
  });
  later.say(frame(Frame::exit_ack, ""));
  EXPECT_TRUE(play.ended());
}

TEST(HolderTest, WhoWaitsIsToldHowItEnded) {
  Play play;
  play.begin("exec cat");
  auto waiting = play.connect(), asking = play.connect();
  waiting.send(wire::encode(ToHolder(HolderAsk{true})));
  asking.send(wire::encode(ToHolder(HolderAsk{false})));
  EXPECT_EQ(play.answer<SessionFacts>(asking).exit, "");
  EXPECT_FALSE(waiting.receive()->has_value());
  play.ask<HolderDone>(HolderSignal{SIGTERM});
  EXPECT_EQ(play.answer<SessionFacts>(waiting).exit, R"({"signal":"TERM"})");
  EXPECT_EQ(play.ask<SessionFacts>(HolderAsk{true}).exit, R"({"signal":"TERM"})");
  play.first.ours.reset();
  EXPECT_TRUE(play.ended());
}

TEST(HolderTest, NonsenseFromAWorkerEndsItsLinkAndNothingElse) {
  Play play;
  play.begin("exec cat");
  auto link = play.connect();
  link.send("nonsense");
  play.until([&] { return !link.receive(); });
  auto other = play.connect();
  other.send(wire::encode(ToHolder(HolderAttach())));              // without a socket
  other.send(wire::encode(ToHolder(play.command("echo again"))));  // it holds one already
  other.send(wire::encode(ToHolder(HolderAsk())));
  EXPECT_EQ(play.answer<SessionFacts>(other).command, "exec cat");
  play.holder->stop();
  EXPECT_TRUE(play.ended());
}

TEST(HolderTest, WhoIsAwayWhenASessionIsEndedIsNotWaitedFor) {
  Play play;
  play.begin("exec cat");
  play.first.ours.reset();
  play.ask<HolderDone>(HolderSignal{SIGHUP});
  EXPECT_TRUE(play.ended());
}

TEST(HolderTest, WhoHasLeftIsNotWaitedForAsIfItWereLost) {
  for (const bool left : {true, false}) {
    Play play;
    auto command = play.command("exec cat");
    (left ? command.settings.hangup_seconds : command.settings.resume_seconds) = 0;
    play.hold(std::move(command));
    play.answer<Holding>(*play.worker);
    if (left) play.first.say_farewell();
    play.first.ours.reset();
    EXPECT_TRUE(play.ended()) << left;
  }
}

TEST(HolderTest, ASessionThatNobodyUsesForLongIsEnded) {
  Play play;
  auto command = play.command("exec cat");
  command.facts.keep = true;
  command.settings.idle_seconds = 1;
  play.hold(std::move(command));
  play.answer<Holding>(*play.worker);
  play.first.say(frame(Frame::detach, ""));
  EXPECT_TRUE(play.ended());
}

TEST(HolderTest, WhoeverElseHoldsATerminalOpenIsNotWaitedFor) {
  Play play;
  auto pty = unwrap(io::open_pty({80, 24, 0, 0}));
  auto command = play.command("trap '' HUP; sleep 1000 & echo $!; exit 3");
  command.facts.terminal = true;
  command.facts.columns = 80;
  command.facts.rows = 24;
  command.terminal = pty.path;
  play.hold(std::move(command), std::move(pty.ours));
  play.until([&] {
    play.first.listen();
    return play.first.in(Frame::exit) == R"({"code":3})";
  });
  auto background = std::stoi(play.first.in(Frame::stdout_data));
  EXPECT_EQ(::kill(background, 0), 0) << "it has the terminal open";
  ::kill(background, SIGKILL);
}

TEST(HolderTest, ATimeLimitEndsTheCommandAndIsSaid) {
  Play play;
  auto command = play.command("exec sleep 1000");
  command.time_limit_ms = 20;
  play.hold(std::move(command));
  play.until([&] {
    play.first.listen();
    return !play.first.in(Frame::exit).empty();
  });
  EXPECT_EQ(play.first.in(Frame::exit), R"({"signal":"TERM","timed_out":true})");
}

}  // namespace
}  // namespace nigh::server
