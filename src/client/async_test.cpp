// SPDX-License-Identifier: Apache-2.0
#include <nigh/async.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "client/options_for_test.hpp"
#include "client/server_for_test.hpp"
#include "io/runtime.hpp"

namespace nigh::client {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class AnAsyncHost : public testing::Test {
 protected:
  AnAsyncHost() { write_config(1); }

  void write_config(int keys) {
    fingerprints_.clear();
    options_ = options_for_test(folder_, keys, fingerprints_);
  }

  // Runs `scenario` against the server until both are done.
  std::optional<Error> play(awaitable<void> scenario) {
    std::optional<Error> error;
    io::spawn_logged(context_.get_executor(), "server", server_.serve());
    asio::co_spawn(context_, std::move(scenario), [&](std::exception_ptr failure) {
      if (failure) error = io::to_error(failure);
    });
    context_.run();
    return error;
  }

  awaitable<void> run_once(std::string input, RunResult& result) {
    auto host = co_await async::connect(server_.address(), options_);
    result = co_await host.run({"cat"}, input);
  }
  Error failure_of_run(std::string input = "") {
    RunResult result;
    auto error = play(run_once(std::move(input), result));
    EXPECT_TRUE(error);
    return error.value_or(Error{});
  }

  asio::io_context context_{1};
  ServerForTest server_{context_};
  TestFolder folder_;
  ConnectOptions options_;
  std::vector<std::string> fingerprints_;
};

TEST_F(AnAsyncHost, RunsACommandWithOneRequestThatCarriesTheProof) {
  RunResult result;
  EXPECT_FALSE(play(run_once("hello", result)));
  EXPECT_EQ(result.out, "hello");
  EXPECT_EQ(result.err, "done");
  EXPECT_EQ(result.exit.code, 7);
  EXPECT_THAT(server_.paths, ElementsAre("/v1/sessions"));
  EXPECT_EQ(server_.proved_keys, fingerprints_);
  EXPECT_THAT(server_.resets, IsEmpty());
}

TEST_F(AnAsyncHost, TriesOneKeyAfterTheOtherAndLosesNoInput) {
  write_config(3);
  server_.refuse_keys = 2;
  std::string input(300'000, '\0');
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<char>(i * 7 / 5);
  RunResult result;
  auto error = play(run_once(input, result));
  EXPECT_FALSE(error) << error->message;
  EXPECT_TRUE(result.out == input);
  EXPECT_EQ(server_.proved_keys, fingerprints_);
  ASSERT_EQ(server_.refused_data.size(), 2u);
  EXPECT_LE(server_.refused_data[0].size(), 8192u) << "strangers may not send more";
}

TEST_F(AnAsyncHost, SaysWhichKeysWereRefusedAndWhatTheServerSaid) {
  write_config(2);
  server_.refuse_keys = 100;
  auto error = failure_of_run();
  EXPECT_EQ(error.code, Errc::refused);
  EXPECT_THAT(error.message, AllOf(HasSubstr("does not let ada in"), HasSubstr(fingerprints_[0]),
                                   HasSubstr(fingerprints_[1]), HasSubstr("not this one")));
}

TEST_F(AnAsyncHost, TriesNoMoreThanSixKeys) {
  write_config(8);
  server_.refuse_keys = 100;
  EXPECT_THAT(failure_of_run().message, HasSubstr("no more than 6 keys"));
  EXPECT_EQ(server_.proved_keys.size(), 6u);
}

TEST_F(AnAsyncHost, WithoutAKeySaysHowToGetOne) {
  write_config(0);
  auto error = failure_of_run();
  EXPECT_EQ(error.code, Errc::refused);
  EXPECT_THAT(error.message, HasSubstr("ssh-keygen"));
}

TEST_F(AnAsyncHost, TellsTheServersReason) {
  server_.session_status = 503;
  auto error = failure_of_run(std::string(100'000, 'x'));
  EXPECT_EQ(error.code, Errc::unavailable);
  EXPECT_EQ(error.message, "out of processes");
}

TEST_F(AnAsyncHost, IsKnownAlsoWhereItsFirstRequestDidNotSucceed) {
  server_.session_status = 503;
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    try {
      co_await host.run({"cat"});
      ADD_FAILURE() << "it was refused";
    } catch (const Failure&) {
    }
    EXPECT_EQ((co_await host.info()).version, "9.9");
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_THAT(server_.proofs, ElementsAre(true, false));
}

TEST_F(AnAsyncHost, NoticesAConnectionThatBreaksInTheMiddle) {
  server_.vanish_on_spec = true;
  auto error = failure_of_run();
  EXPECT_EQ(error.code, Errc::closed);
  EXPECT_THAT(error.message, StartsWith(server_.address()));
}

TEST_F(AnAsyncHost, ProvesWhoItIsBeforeItSendsALargeCommand) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto command = Command::shell(std::string(50'000, 'x'));
    EXPECT_EQ((co_await host.run(command)).exit.code, 7);
    EXPECT_EQ((co_await host.run(command)).exit.code, 7);
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_THAT(server_.paths, ElementsAre("/v1/", "/v1/sessions", "/v1/sessions"));
  EXPECT_THAT(server_.proofs, ElementsAre(true, false, false));
}

TEST_F(AnAsyncHost, ProvesItOnceForRequestsThatBeginTogether) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto one = co_await host.start({"cat"});
    auto two = co_await host.start({"cat"});
    one.close_input();
    two.close_input();
    EXPECT_EQ((co_await two.wait()).code, 7);
    EXPECT_EQ((co_await one.wait()).code, 7);
    auto info = co_await host.info();
    EXPECT_EQ(info.version, "9.9");
    EXPECT_EQ(info.key_fingerprint, fingerprints_[0]);
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_THAT(server_.proofs, ElementsAre(true, false, false));
}

TEST_F(AnAsyncHost, ReadsOutputWhileItWritesInput) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    auto process = co_await host.start({"cat"});
    std::array<char, 3> chunk;
    co_await process.write("abcd");
    EXPECT_EQ(co_await process.read(Channel::out, chunk), 3u);
    EXPECT_EQ(co_await process.read(Channel::out, chunk), 1u);
    EXPECT_EQ(chunk[0], 'd');
    process.close_input();
    auto piece = co_await process.read_any(chunk);
    EXPECT_EQ(piece.channel, Channel::err);
    EXPECT_EQ(co_await process.read(Channel::out, chunk), 0u);
    EXPECT_EQ((co_await process.wait()).code, 7);
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
}

TEST_F(AnAsyncHost, LeavesACommandByResettingItsStream) {
  server_.hold_sessions = true;
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    {
      auto process = co_await host.start({"cat"});
      std::array<char, 3> chunk;
      co_await process.write("abc");
      EXPECT_EQ(co_await process.read(Channel::out, chunk), 3u);
    }
    co_await host.info();  // behind the reset
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_EQ(server_.resets["/v1/sessions"], 1);
}

TEST_F(AnAsyncHost, EndsAtTheOutputLimit) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    co_await host.run({"cat"}, std::string_view("0123456789"), 9);
  };
  auto error = play(scenario());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::too_large);
}

TEST_F(AnAsyncHost, RefusesNonsenseBeforeItIsSent) {
  auto scenario = [this]() -> awaitable<void> {
    auto host = co_await async::connect(server_.address(), options_);
    try {
      co_await host.revoke_token("../x");
      ADD_FAILURE() << "that is no id";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Errc::usage);
    }
    auto process = co_await host.start({"cat"});
    EXPECT_THROW(process.signal("NOSUCH"), Failure);
    process.close_input();
    co_await process.wait();
  };
  auto error = play(scenario());
  EXPECT_FALSE(error) << error->message;
  EXPECT_THAT(server_.paths, ElementsAre("/v1/sessions"));
}

awaitable<void> greet(tcp::acceptor& acceptor, std::string greeting) {
  auto socket = co_await acceptor.async_accept(asio::use_awaitable);
  co_await socket.async_send(asio::buffer(greeting), asio::use_awaitable);
  char rest[64];  // until the client gives up, so that nothing is reset before it was read
  boost::system::error_code ended;
  while (!ended)
    co_await socket.async_read_some(asio::buffer(rest),
                                    asio::redirect_error(asio::use_awaitable, ended));
}

TEST_F(AnAsyncHost, NamesAServerThatIsNotNigh) {
  for (auto [greeting, said] :
       {std::pair("SSH-2.0-OpenSSH_9.2\r\n", "speaks SSH, not nigh"),
        std::pair("HTTP/1.1 400 Bad Request\r\n\r\n", "speaks plain HTTP"),
        std::pair("220 mail.example.org ESMTP\r\n", "another kind of server")}) {
    asio::io_context context(1);
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    io::spawn_logged(context.get_executor(), "greeter", greet(acceptor, greeting));
    auto target = fmt::format("127.0.0.1:{}", acceptor.local_endpoint().port());
    std::optional<Error> error;
    asio::co_spawn(context, async::connect(target, options_),
                   [&](std::exception_ptr failure, async::Host) {
                     if (failure) error = io::to_error(failure);
                   });
    context.run();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, Errc::unsupported);
    EXPECT_THAT(error->message, AllOf(StartsWith(target), HasSubstr(said)));
  }
}

TEST_F(AnAsyncHost, SaysThatAServerIsStalled) {
  // It accepts (the kernel does) but never answers.
  tcp::acceptor silent(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  options_.timeout = std::chrono::milliseconds(50);
  auto target = fmt::format("127.0.0.1:{}", silent.local_endpoint().port());
  std::optional<Error> error;
  asio::co_spawn(context_, async::connect(target, options_),
                 [&](std::exception_ptr failure, async::Host) {
                   if (failure) error = io::to_error(failure);
                 });
  context_.run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::timeout);
  EXPECT_THAT(error->message, HasSubstr("accepted the connection but does not answer"));
}

}  // namespace
}  // namespace nigh::client
