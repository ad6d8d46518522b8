// SPDX-License-Identifier: Apache-2.0
#include <nigh/nigh.hpp>

#include <gmock/gmock.h>

#include <array>
#include <thread>

#include "client/options_for_test.hpp"
#include "client/server_for_test.hpp"

namespace nigh::client {
namespace {

using testing::ElementsAre;

// The server runs on a thread of its own; look at it only after the Host is gone and join().
class ABlockingHost : public testing::Test {
 protected:
  ABlockingHost() { options_ = options_for_test(folder_, 1, fingerprints_); }
  ~ABlockingHost() override { join(); }

  Host connect_to_server() {
    asio::co_spawn(context_, server_.serve(), [](std::exception_ptr) {});
    thread_ = std::thread([this] { context_.run(); });
    return connect(server_.address(), options_);
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  asio::io_context context_{1};
  ServerForTest server_{context_};
  TestFolder folder_;
  ConnectOptions options_;
  std::vector<std::string> fingerprints_;
  std::thread thread_;
};

Errc code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return failure.code();
  }
  ADD_FAILURE() << "it did not fail";
  return Errc::system;
}

TEST_F(ABlockingHost, RunsCommandsAndKeepsItsConnection) {
  {
    auto host = connect_to_server();
    RunOptions options;
    options.input = "hello";
    auto result = host.run({"cat"}, options);
    EXPECT_EQ(result.out, "hello");
    EXPECT_EQ(result.exit.code, 7);
    EXPECT_GT(result.elapsed.count(), 0);
    EXPECT_EQ(host.run({"cat"}, options).err, "done");
    EXPECT_EQ(host.info().host_fingerprint.substr(0, 7), "SHA256:");
  }
  join();
  EXPECT_THAT(server_.paths, ElementsAre("/v1/sessions", "/v1/sessions", "/v1/"));
}

TEST_F(ABlockingHost, StreamsInputAndOutput) {
  auto host = connect_to_server();
  auto process = host.start({"cat"});
  std::array<char, 16> chunk;
  process.write("abc");
  EXPECT_EQ(process.read(Channel::out, chunk), 3u);
  process.close_input();
  EXPECT_EQ(process.read(Channel::out, chunk), 0u);
  EXPECT_EQ(process.read_any(chunk).channel, Channel::err);
  EXPECT_EQ(process.wait().code, 7);
}

TEST_F(ABlockingHost, IsSharedByThreads) {
  auto host = connect_to_server();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&host, i] {
      auto input = std::string(1000, static_cast<char>('a' + i));
      RunOptions options;
      options.input = input;
      EXPECT_EQ(host.run({"cat"}, options).out, input);
    });
  for (auto& thread : threads) thread.join();
}

TEST_F(ABlockingHost, CancelEndsACallOfAnotherThread) {
  server_.hold_sessions = true;
  auto host = connect_to_server();
  auto process = host.start({"cat"});
  std::array<char, 16> chunk;
  process.write("abc");
  EXPECT_EQ(process.read(Channel::out, chunk), 3u);
  std::thread other([&process] { process.cancel(); });
  EXPECT_EQ(code_of([&] { process.read(Channel::out, chunk); }), Errc::cancelled);
  other.join();
  EXPECT_EQ(code_of([&] { process.wait(); }), Errc::cancelled);
  EXPECT_EQ(host.info().version, "9.9") << "the connection lives on";
}

TEST_F(ABlockingHost, AStopRequestEndsARun) {
  server_.hold_sessions = true;
  auto host = connect_to_server();
  std::stop_source stop;
  RunOptions options;
  options.stop = stop.get_token();
  std::thread other([&stop] { stop.request_stop(); });
  EXPECT_EQ(code_of([&] { host.run({"cat"}, options); }), Errc::cancelled);
  other.join();
  EXPECT_EQ(host.info().version, "9.9");
}

TEST_F(ABlockingHost, EndsItsCommandsWhenItGoes) {
  server_.hold_sessions = true;
  std::optional<Host> host = connect_to_server();
  auto process = host->start({"cat"});
  process.write("abc");
  host.reset();
  EXPECT_EQ(code_of([&] { process.wait(); }), Errc::closed);
}

TEST_F(ABlockingHost, ThatCannotConnectSaysWhy) {
  options_.timeout = std::chrono::milliseconds(50);  // the server runs on no thread yet
  EXPECT_EQ(code_of([&] { connect(server_.address(), options_); }), Errc::timeout);
  EXPECT_EQ(code_of([&] { connect("-o", options_); }), Errc::usage);
}

}  // namespace
}  // namespace nigh::client
