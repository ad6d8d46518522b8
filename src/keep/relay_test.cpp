// SPDX-License-Identifier: Apache-2.0
// Streams between a command and a server, over real connections: TLS to the server, a socket pair
// to the command.
#include <gmock/gmock.h>

#include "client/connect.hpp"
#include "client/kept_messages.hpp"
#include "client/options_for_test.hpp"
#include "client/request.hpp"
#include "client/server_for_test.hpp"
#include "io/loopback_for_test.hpp"
#include "keep/guest.hpp"

namespace nigh::keep {
namespace {

using client::Answer;
using client::Request;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 2654435761U) >> 13);
  return text;
}

class ARelay : public testing::Test {
 protected:
  // Runs `work` with everything joined.
  template <class Work>
  void with(Work work) {
    options_ = client::options_for_test(folder_, 1, fingerprints_);
    std::optional<Error> error;
    io::spawn_logged(context_.get_executor(), "server", server_.serve());
    asio::co_spawn(context_, join(work), [&](std::exception_ptr failure) {
      if (failure) error = io::to_error(failure);
    });
    context_.run();
    EXPECT_FALSE(error) << error->message;
  }

  awaitable<void> join(std::function<awaitable<void>()> work) {
    upstream_.emplace(co_await client::connect(server_.address(), options_));
    co_await client::fetch(*upstream_->connection, "GET", "/v1/");
    upstream_->on_useless = [this] { ++useless_; };
    auto [near, far] = io::for_test::private_pair(context_);
    guest_.emplace(std::move(far), *upstream_);
    io::spawn_logged(context_.get_executor(), "guest", guest_->serve());
    client::KeptFacts facts;
    facts.info.key_fingerprint = "SHA256:k";
    command_ =
        std::make_shared<client::Connection>(std::move(near), upstream_->connection->endpoint(),
                                             client::Progress(nullptr), std::move(facts));
    client::start_pump(command_);
    co_await command_->ready();
    co_await work();
    command_->close();
    upstream_->connection->close();
  }

  static http2::Fields put(const std::string& path) {
    return {{":method", "PUT"}, {":scheme", "https"}, {":authority", "x"}, {":path", path}};
  }
  awaitable<void> until(std::function<bool()> condition) {
    while (!condition()) co_await asio::post(asio::use_awaitable);
  }

  asio::io_context context_{1};
  client::ServerForTest server_{context_};
  client::TestFolder folder_;
  ConnectOptions options_;
  std::vector<std::string> fingerprints_;
  std::optional<Upstream> upstream_;
  std::optional<Guest> guest_;
  std::shared_ptr<client::Connection> command_;
  int useless_ = 0;
};

TEST_F(ARelay, CarriesMuchBothWaysAndTakesNothingAway) {
  with([&]() -> awaitable<void> {
    Request what{.method = "PUT", .path = "/v1/files/x"};
    what.headers = {{"nigh-mode", "0600"}};
    what.body = pattern(40 << 20);  // more than any window
    what.limit = what.body.size();
    auto reply = co_await client::request(*command_, what);
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.body == what.body);
    EXPECT_EQ(*http2::find(reply.headers, "etag"), "\"e\"");
    EXPECT_EQ(*http2::find(server_.requests.back(), "nigh-mode"), "0600");
    EXPECT_EQ(http2::find(server_.requests.back(), "authorization"), nullptr);
    co_await until([&] { return guest_->streams() == 0; });
    EXPECT_EQ(upstream_->backlog.waiting(), 0u);
  });
}

TEST_F(ARelay, PassesAResetOfTheCommandOn) {
  server_.hold_files = true;
  with([&]() -> awaitable<void> {
    {
      client::TestBody body(pattern(100));
      Answer answer(*command_);
      answer.open(put("/v1/files/x"), &body);
      co_await until([&] { return server_.paths.back() == "/v1/files/x"; });
    }
    co_await until([&] { return server_.resets["/v1/files/x"] == 1; });
    co_await until([&] { return guest_->streams() == 0; });
  });
}

TEST_F(ARelay, FailsWhatIsUnderWayWhenTheServerIsGone) {
  server_.vanish_on_file = true;
  with([&]() -> awaitable<void> {
    client::TestBody body(pattern(100'000));
    Answer answer(*command_);
    answer.open(put("/v1/files/x"), &body);
    std::optional<Errc> code;
    try {
      co_await answer.wait();
    } catch (const Failure& failure) {
      code = failure.code();
    }
    EXPECT_EQ(code, Errc::closed);
    co_await until([&] { return guest_->streams() == 0; });
    // What comes after that is refused as something that was not begun.
    Answer late(*command_);
    late.open(put("/v1/files/y"), nullptr);
    try {
      co_await late.wait();
    } catch (const Failure& failure) {
      code = failure.code();
    }
    EXPECT_EQ(code, Errc::unavailable);
    EXPECT_GT(useless_, 0);
  });
}

TEST_F(ARelay, BreaksOffOnlyWhatWouldRatherLeave) {
  server_.hold_files = true;
  with([&]() -> awaitable<void> {
    auto leaving = put("/v1/files/leaves");
    leaving.push_back({std::string(client::kLeavesField), "1"});
    client::TestBody one(pattern(10)), two(pattern(10));
    Answer leaves(*command_), stays(*command_);
    leaves.open(leaving, &one);
    stays.open(put("/v1/files/stays"), &two);
    co_await until([&] { return leaves.status() == 200 && stays.status() == 200; });
    EXPECT_EQ(http2::find(server_.requests[1], client::kLeavesField), nullptr);
    guest_->send_away();
    EXPECT_THROW(co_await leaves.wait(), Failure);
    EXPECT_EQ(guest_->streams(), 1u);
    // The server need not know as long as the command is there, which looks for another way.
    EXPECT_TRUE(server_.resets.empty());
    command_->close();
    co_await until([&] { return server_.resets["/v1/files/leaves"] == 1; });
  });
}

TEST_F(ARelay, SeesThatTheServerDoesNotKnowItAnyMore) {
  server_.file_status = 401;
  with([&]() -> awaitable<void> {
    EXPECT_THROW(co_await client::request(*command_, {.path = "/v1/files/x"}), Failure);
    EXPECT_EQ(useless_, 1);
  });
}

TEST_F(ARelay, DropsWhatACommandLeavesBehind) {
  with([&]() -> awaitable<void> {
    client::TestBody body(pattern(20 << 20));
    Answer answer(*command_, 1);  // takes nothing
    answer.open(put("/v1/files/x"), &body);
    co_await until([&] { return answer.status() == 200; });
    command_->close();
    co_await until([&] { return guest_->streams() == 0; });
    EXPECT_EQ(upstream_->backlog.waiting(), 0u);
    co_await until([&] { return server_.resets["/v1/files/x"] == 1; });
  });
}

TEST(BacklogTest, GivesTheCommonWindowBackAtOnceUpToItsLimit) {
  Backlog backlog(100);
  EXPECT_EQ(backlog.arrived(60), 60u);
  EXPECT_EQ(backlog.arrived(60), 0u);  // too much lies here: this is owed
  EXPECT_EQ(backlog.taken(50), 50u);
  EXPECT_EQ(backlog.taken(70), 10u);  // never more than was held back
  EXPECT_EQ(backlog.waiting(), 0u);
  EXPECT_EQ(backlog.arrived(100), 100u);
}

TEST(ByteQueueTest, GivesBackWhatWasPutInWhateverTheSteps) {
  auto all = pattern(1'000'000);
  ByteQueue queue;
  std::string got;
  std::size_t put = 0;
  for (std::size_t step = 1; got.size() < all.size(); step = step * 7 % 300'007) {
    auto piece = std::string_view(all).substr(put, step);
    queue.push(piece);
    put += piece.size();
    std::string into(step * 3 % 200'003 + 1, '\0');
    into.resize(queue.pop(into));
    got += into;
    EXPECT_EQ(queue.size(), put - got.size());
  }
  EXPECT_TRUE(got == all && queue.empty());
  queue.push("abc");
  EXPECT_EQ(queue.clear(), 3u);
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace nigh::keep
