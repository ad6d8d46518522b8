// SPDX-License-Identifier: Apache-2.0
#include "client/inward_listener.hpp"

#include <gmock/gmock.h>

#include "client/connect.hpp"
#include "client/options_for_test.hpp"
#include "client/server_for_test.hpp"

namespace nigh::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A relay whose whole answer to who publishes web1 is the test's.
class AListener : public testing::Test {
 protected:
  // Publishes web1, and takes who comes until nobody does any more: why.
  Error publish(int status, std::string answer) {
    server_.documents["/v1/listen"] = {status, std::move(answer)};
    options_ = options_for_test(folder_, 1, fingerprints_);
    std::optional<Error> error;
    io::spawn_logged(context_.get_executor(), "server", server_.serve());
    asio::co_spawn(context_, listen(), [&](std::exception_ptr failure) {
      if (failure) error = io::to_error(failure);
    });
    context_.run();
    return error.value_or(Error{});
  }

  awaitable<void> listen() {
    auto connection = co_await connect(server_.address(), options_);
    std::exception_ptr failure;
    {
      InwardListener listener(connection);
      try {
        co_await listener.publish("web1");
        address_ = to_text(listener.address());
        for (;;) came_.push_back((co_await listener.next()).id);
      } catch (const Failure&) {
        failure = std::current_exception();
      }
      superseded_ = listener.superseded();
      status_ = listener.status();
    }
    connection->close();
    if (failure) std::rethrow_exception(failure);
  }

  asio::io_context context_{1};
  ServerForTest server_{context_};
  TestFolder folder_;
  ConnectOptions options_;
  std::vector<std::string> fingerprints_;
  std::string address_;
  std::vector<std::string> came_;
  bool superseded_ = false;
  int status_ = 0;
};

constexpr auto kListening = R"({"listening":{"name":"web1","port":7722}})"
                            "\n";

TEST_F(AListener, TellsWhoComesInOrderUntilTheServerEndsIt) {
  auto why =
      publish(200, std::string(kListening) + R"({"accepted":{"id":"a-1","peer":"192.0.2.7"}})"
                                             "\n"
                                             R"({"later":"servers say more"})"
                                             "\n"
                                             R"({"accepted":{"id":"b_2","peer":"\u001b[2J"}})"
                                             "\n");
  EXPECT_EQ(address_, "web1:7722");
  EXPECT_THAT(came_, ElementsAre("a-1", "b_2"));
  EXPECT_EQ(why.code, Errc::closed);
  EXPECT_FALSE(superseded_);
}

TEST_F(AListener, KnowsThatANewerConnectionHasTheNameNow) {
  auto why = publish(200, std::string(kListening) +
                              R"({"ended":{"type":"urn:nigh:in-use","detail":"it is elsewhere"}})"
                              "\n");
  EXPECT_EQ(why.message, "it is elsewhere");
  EXPECT_TRUE(superseded_);
}

TEST_F(AListener, TellsWhyItsNameIsRefused) {
  auto why = publish(409, R"({"detail":"web1 belongs to another key here"})");
  EXPECT_EQ(why.code, Errc::unavailable);
  EXPECT_THAT(why.message, HasSubstr("does not publish web1"));
  EXPECT_THAT(why.message, HasSubstr("web1 belongs to another key here"));
  EXPECT_EQ(status_, 409);
}

class ALineOfAListener : public AListener, public testing::WithParamInterface<std::string> {};

TEST_P(ALineOfAListener, ThatIsNotOneEndsIt) {
  auto why = publish(200, GetParam() + "\n" + R"({"accepted":{"id":"late","peer":""}})" + "\n");
  EXPECT_NE(why.code, Errc::closed) << why.message;
  EXPECT_FALSE(why.message.empty());
  EXPECT_THAT(came_, ElementsAre());
}

INSTANTIATE_TEST_SUITE_P(
    AllKinds, ALineOfAListener,
    testing::Values("", "{", "[]", R"({"listening":7})", R"({"listening":{"name":"web1"}})",
                    R"({"listening":{"name":"web1","port":70000}})",
                    R"({"listening":{"name":"web1","port":"1"}})", R"({"listening":{"port":7722}})",
                    std::string(kListening) + R"({"accepted":{"id":"../x","peer":""}})",
                    std::string(kListening) + R"({"accepted":{"id":"","peer":""}})",
                    std::string(17 * 1024, ' ') + kListening));

}  // namespace
}  // namespace nigh::client
