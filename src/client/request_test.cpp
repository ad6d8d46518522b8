// SPDX-License-Identifier: Apache-2.0
#include "client/request.hpp"

#include <gmock/gmock.h>

#include "client/connect.hpp"
#include "client/options_for_test.hpp"
#include "client/server_for_test.hpp"
#include "io/runtime.hpp"

namespace nigh::client {
namespace {

using testing::ElementsAre;

class ARequest : public testing::Test {
 protected:
  // Makes one request on a connection of its own; its failure, if any.
  std::optional<Error> make(Request what) {
    options_ = options_for_test(folder_, 1, fingerprints_);
    std::optional<Error> error;
    io::spawn_logged(context_.get_executor(), "server", server_.serve());
    asio::co_spawn(context_, connect_and_ask(std::move(what)), [&](std::exception_ptr failure) {
      if (failure) error = io::to_error(failure);
    });
    context_.run();
    return error;
  }

  awaitable<void> connect_and_ask(Request what) {
    auto connection = co_await connect(server_.address(), options_);
    std::exception_ptr failure;
    try {
      reply_ = co_await request(*connection, std::move(what));
    } catch (const Failure&) {
      failure = std::current_exception();
    }
    connection->close();
    if (failure) std::rethrow_exception(failure);
  }

  std::string sent(std::string_view name) const {
    const auto* value = http2::find(server_.requests.back(), name);
    return value != nullptr ? *value : "";
  }

  asio::io_context context_{1};
  ServerForTest server_{context_};
  TestFolder folder_;
  ConnectOptions options_;
  std::vector<std::string> fingerprints_;
  Reply reply_;
};

TEST_F(ARequest, CarriesHeadersAndABodyAndBringsBackHeadersAndABody) {
  Request what{.method = "PUT", .path = "/v1/files/x?sync=none"};
  what.headers = {{"nigh-mode", "0600"}};
  what.body = "contents";
  auto error = make(what);
  ASSERT_FALSE(error) << error->message;
  EXPECT_EQ(reply_.status, 200);
  EXPECT_EQ(reply_.body, "contents");
  EXPECT_EQ(*http2::find(reply_.headers, "etag"), "\"e\"");
  EXPECT_EQ(sent(":method"), "PUT");
  EXPECT_EQ(sent(":path"), "/v1/files/x?sync=none");
  EXPECT_EQ(sent("nigh-mode"), "0600");
  EXPECT_EQ(sent("content-length"), "8");
  EXPECT_EQ(server_.proved_keys, fingerprints_);
}

TEST_F(ARequest, OfWhichMuchIsToBeSentIsMadeByOneWhoIsKnown) {
  Request what{.method = "PUT", .path = "/v1/files/x"};
  what.body = std::string(300'000, 'x');
  what.limit = what.body.size();
  auto error = make(what);
  ASSERT_FALSE(error) << error->message;
  EXPECT_TRUE(reply_.body == what.body);
  EXPECT_THAT(server_.paths, ElementsAre("/v1/", "/v1/files/x"));
  EXPECT_THAT(server_.proofs, ElementsAre(true, false));
}

TEST_F(ARequest, ThatPutsNothingSaysSo) {
  EXPECT_FALSE(make({.method = "PUT", .path = "/v1/files/x"}));
  EXPECT_EQ(sent("content-length"), "0");
}

TEST_F(ARequest, WhoseAnswerIsLongerThanItMayBeFails) {
  Request what{.method = "PUT", .path = "/v1/files/x"};
  what.body = "contents";
  what.limit = 7;
  auto error = make(what);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::too_large);
}

TEST_F(ARequest, ThatIsRefusedThrowsWhatTheProblemDocumentSays) {
  server_.file_status = 404;
  auto error = make({.path = "/v1/files/x"});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::not_found);
  EXPECT_EQ(error->message, "no such file");
}

TEST_F(ARequest, HasATimeLimitOfItsOwn) {
  server_.hold_files = true;
  auto error = make({.path = "/v1/files/x", .time_limit = std::chrono::milliseconds(1)});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::timeout);
}

TEST_F(ARequest, MayTakeAsLongAsItTakes) {
  Request what{.path = "/v1/files/x", .time_limit = io::Duration::max()};
  EXPECT_FALSE(make(what));
  EXPECT_EQ(reply_.status, 200);
}

}  // namespace
}  // namespace nigh::client
