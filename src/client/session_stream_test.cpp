// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <poll.h>
#include <unistd.h>
#include <nigh/async.hpp>

#include <random>
#include <thread>

#include "base/unique_fd.hpp"
#include "client/options_for_test.hpp"
#include "client/session_server_for_test.hpp"
#include "io/process.hpp"
#include "io/runtime.hpp"

namespace nigh::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class ASession : public testing::Test {
 protected:
  ASession() { options_ = options_for_test(folder_, 1, fingerprints_); }

  std::optional<Error> play(awaitable<void> scenario) {
    std::optional<Error> error;
    io::spawn_logged(context_.get_executor(), "server", server_.serve());
    asio::co_spawn(context_, std::move(scenario), [&](std::exception_ptr failure) {
      if (failure) error = io::to_error(failure);
      server_.stop();
    });
    context_.run();
    return error;
  }

  static Command cat(bool keep = false) {
    Command command{"cat"};
    command.resume = true;
    command.keep = keep;
    return command;
  }

  static std::string bytes(std::size_t size) {
    std::string out(size, '\0');
    std::minstd_rand engine(1);
    for (auto& c : out) c = static_cast<char>(engine());
    return out;
  }

  static awaitable<std::string> read(async::Process& process, std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t have = 0; have < size;) {
      auto n = co_await process.read(Channel::out, std::span(out).subspan(have));
      if (n == 0) co_return out.substr(0, have);
      have += n;
    }
    co_return out;
  }

  // What the process says of its end.
  static awaitable<Error> failure_of(async::Process& process) {
    std::array<char, 100> buffer;
    try {
      while (co_await process.read(Channel::out, buffer) > 0) {
      }
    } catch (const Failure& failure) {
      co_return failure.error();
    }
    co_return Error{Errc::system, "it ended well"};
  }

  asio::io_context context_{1};
  SessionServerForTest server_{context_};
  TestFolder folder_;
  ConnectOptions options_;
  std::vector<std::string> fingerprints_;
};

TEST_F(ASession, RunsAsAnyCommandDoes) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto result = co_await host.run(cat(), "hello");
    EXPECT_EQ(result.out, "hello");
    EXPECT_EQ(result.exit.code, 7);
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_THAT(server_.credentials, ElementsAre("SSHSIG"));
}

TEST_F(ASession, LosesNoByteWhereverItsConnectionsBreak) {
  const auto input = bytes(600'000);
  std::minstd_rand engine(7);
  server_.cut_after = 70'000;
  server_.on_cut = [&] { server_.cut_after = engine() % 200'000; };
  auto scenario = [&]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto result = co_await host.run(cat(), input);
    EXPECT_TRUE(result.out == input);
    EXPECT_EQ(result.exit.code, 7);
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_GT(server_.connections, 5);
  EXPECT_THAT(server_.sessions, SizeIs(1));
}

TEST_F(ASession, ProvesItselfAgainWithItsTokenAlone) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    co_await process.started();
    EXPECT_EQ(process.session(), "session1");
    server_.cut();
    co_await process.write("abc");
    EXPECT_EQ(co_await read(process, 3), "abc");
    process.close_input();
    EXPECT_EQ((co_await process.wait()).code, 7);
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_THAT(server_.credentials, ElementsAre("SSHSIG", "Bearer"));
}

TEST_F(ASession, UsesItsKeyWhereTheTokenIsNotKnown) {
  server_.know_tokens = false;
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    co_await process.started();
    server_.cut();
    co_await process.write("abc");
    EXPECT_EQ(co_await read(process, 3), "abc");
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_THAT(server_.credentials, ElementsAre("SSHSIG", "Bearer", "SSHSIG"));
}

TEST_F(ASession, TriesAgainWhereAServerIsNotReady) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    co_await process.started();
    server_.refuse_connections = 2;
    server_.status_of_resume = 503;
    server_.cut();
    co_await process.write("abc");
    EXPECT_EQ(co_await read(process, 3), "abc");
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_THAT(server_.credentials, ElementsAre("SSHSIG", "Bearer", "Bearer"));
}

TEST_F(ASession, SaysThatItIsGone) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    co_await process.started();
    server_.status_of_resume = 404;
    server_.cut();
    auto failure = co_await failure_of(process);
    EXPECT_EQ(failure.code, Errc::not_found);
    EXPECT_THAT(failure.message, HasSubstr("not now"));
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
}

TEST_F(ASession, IsNotGivenToAnotherServer) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    co_await process.started();
    folder_.write("known_hosts", "");  // nothing remembers the key, and any new one is accepted
    server_.change_host_key();
    server_.cut();
    auto failure = co_await failure_of(process);
    EXPECT_EQ(failure.code, Errc::refused);
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_THAT(server_.credentials, ElementsAre("SSHSIG"));
}

TEST_F(ASession, TellsOfContactLostAndRegained) {
  std::vector<std::string> told;
  auto scenario = [&]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    ContactEvents events;
    events.on_lost = [&](const std::string& why) { told.push_back("lost: " + why); };
    events.on_resumed = [&] { told.push_back("resumed"); };
    process.on_contact(std::move(events));
    co_await process.started();
    server_.cut();
    co_await process.write("abc");
    EXPECT_EQ(co_await read(process, 3), "abc");
    process.close_input();
    co_await process.wait();
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_THAT(told[0], StartsWith("lost: 127.0.0.1:"));
  EXPECT_EQ(told[1], "resumed");
}

TEST_F(ASession, GivesUpWhenItsCallerWantsThat) {
  options_.resume_limit = std::chrono::milliseconds(1);
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    co_await process.started();
    server_.refuse_connections = 1000;
    server_.cut();
    EXPECT_EQ((co_await failure_of(process)).code, Errc::timeout);
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
}

TEST_F(ASession, GetsItsExitAlsoWhenThatWasLost) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    co_await process.started();
    server_.cut();  // the client has not noticed
    server_.only().write("last words");
    server_.only().exit({.code = 3});
    EXPECT_EQ(co_await read(process, 100), "last words");
    EXPECT_EQ((co_await process.wait()).code, 3);
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
}

TEST_F(ASession, GoesOnWhenItIsLeft) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    co_await process.write("abc");
    process.detach();
    auto failure = co_await failure_of(process);
    EXPECT_EQ(failure.code, Errc::cancelled);
    EXPECT_EQ(failure.message, "detached");
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_EQ(server_.only().hang_ups, 0);
  EXPECT_EQ(server_.only().written, 3u) << "input goes before the farewell";
}

TEST_F(ASession, EndsWithItsProcessUnlessItIsKept) {
  auto scenario = [this]() -> awaitable<void> {
    for (bool keep : {false, true}) {
      auto host = co_await async::connect(server_.address(), options_);
      auto process = co_await host.start(cat(keep));
      co_await process.started();
    }
    co_await server_.until_left();  // the connections go with what has to be said
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_EQ(server_.sessions.at("session1")->hang_ups, 1);
  EXPECT_EQ(server_.sessions.at("session2")->hang_ups, 0);
}

TEST_F(ASession, LeavesHowItEndedForWhoAsks) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat(true));
    process.close_input();  // it exits at once
    co_await process.started();
    process.detach();
    co_await failure_of(process);
    EXPECT_FALSE(server_.only().holder().finished());
    auto again = co_await host.attach("work");
    EXPECT_EQ((co_await again.wait()).code, 7);
    EXPECT_TRUE(server_.only().holder().finished());
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
}

TEST_F(ASession, IsFoundByItsIdOrItsName) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto first = co_await host.start(cat());
    auto second = co_await host.start(cat());
    co_await second.started();
    for (const char* called : {"session2", "work"}) {
      auto process = co_await host.attach(called);
      co_await process.started();
      EXPECT_EQ(process.session(), called == std::string("work") ? "session1" : "session2");
    }
    for (const char* nobody : {"session3", "", "no/../name"}) {
      try {
        co_await host.attach(nobody);
        ADD_FAILURE() << nobody;
      } catch (const Failure& failure) {
        EXPECT_EQ(failure.code(), Errc::not_found);
        EXPECT_THAT(failure.what(), HasSubstr(fmt::format("there is no session '{}'", nobody)));
      }
    }
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
}

TEST_F(ASession, TakesSeveralClients) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto command = cat();
    command.pty.emplace();
    auto one = co_await host.start(command);
    co_await one.write("abc");
    EXPECT_EQ(co_await read(one, 3), "abc");
    auto sessions = co_await host.sessions();
    EXPECT_EQ(sessions.at(0).name, "work");
    EXPECT_EQ(sessions.at(0).idle, std::chrono::seconds(3));
    AttachOptions watching;
    watching.read_only = true;
    auto two = co_await host.attach("work", watching);
    EXPECT_EQ(co_await read(two, 8), "[screen]");
    EXPECT_EQ(two.session(), "session1");
    server_.cut();
    co_await one.write("defg");
    EXPECT_EQ(co_await read(one, 4), "defg");
    EXPECT_EQ(co_await read(two, 4), "defg");
    EXPECT_THROW(two.signal("INT"), Failure);
    one.signal("INT");
    co_await one.write("h");
    EXPECT_EQ(co_await read(two, 1), "h");
    EXPECT_THAT(server_.only().signals, ElementsAre(2));
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
}

TEST_F(ASession, KeepsLittleForAReaderThatDoesNotRead) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto command = cat();
    command.argv = {"flood"};
    auto process = co_await host.start(command);
    co_await process.started();
    constexpr std::size_t kStep = 1 << 20;
    for (std::size_t i = 1; i <= 40; ++i) {
      EXPECT_EQ((co_await read(process, kStep)).size(), kStep);
      EXPECT_LT(server_.only().written, i * kStep + (20u << 20)) << "what the server keeps";
      if (i % 8 == 0) server_.cut();
    }
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
}

TEST_F(ASession, IsHeldUpByAFullPipeOnlyAsLongAsThatIsFull) {
  const auto input = bytes(6 << 20);
  auto in = folder_.write("in", input);
  auto pipe = io::make_pipe(io::OurEnd::reader, 4096).value();
  std::string out;
  std::thread reader([&] {  // slower than what comes
    std::array<char, 4096> piece;
    for (;;) {
      pollfd ready{pipe.reader.get(), POLLIN, 0};
      ::poll(&ready, 1, -1);
      auto size = ::read(pipe.reader.get(), piece.data(), piece.size());
      if (size == 0) return;
      if (size > 0) out.append(piece.data(), static_cast<std::size_t>(size));
    }
  });
  auto scenario = [&]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    UniqueFd source(::open(in.c_str(), O_RDONLY | O_CLOEXEC));
    auto exit = co_await process.forward({source.get(), pipe.writer.get(), 2});
    EXPECT_EQ(exit.code, 7);
  };
  auto error = play(scenario());
  pipe.writer.reset();
  reader.join();
  EXPECT_FALSE(error) << error->message;
  EXPECT_TRUE(out == input);
}

TEST_F(ASession, KeepsWhatADescriptorGaveUntilTheServerHasIt) {
  const auto input = bytes(300'000);
  auto in = folder_.write("in", input);
  server_.cut_after = 100'000;
  server_.on_cut = [&] { server_.cut_after = 150'000; };
  auto scenario = [&]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start(cat());
    UniqueFd source(::open(in.c_str(), O_RDONLY | O_CLOEXEC));
    UniqueFd out(::open((folder_ / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    auto exit = co_await process.forward({source.get(), out.get(), 2});
    EXPECT_EQ(exit.code, 7);
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_TRUE(folder_.read("out") == input);
  EXPECT_GT(server_.connections, 2);
}

}  // namespace
}  // namespace nigh::client
