// SPDX-License-Identifier: Apache-2.0
#include "client/dial.hpp"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "io/lookup.hpp"
#include "io/test_support.hpp"

namespace nigh::client {
namespace {

using io::interleave_families;
using io::look_up_host;
using io::run_to_error;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

tcp::endpoint at(const char* address, unsigned port = 7722) {
  return {asio::ip::make_address(address), static_cast<std::uint16_t>(port)};
}

// A port of this machine on which nothing listens while the object lives.
class ClosedPort {
 public:
  ClosedPort() : socket_(context_, at("127.0.0.1", 0)) {}
  tcp::endpoint endpoint() const { return socket_.local_endpoint(); }

 private:
  asio::io_context context_;
  tcp::socket socket_;  // bound, not listening
};

TEST(InterleaveFamilies, TakeTurnsBeginningWithTheFirst) {
  EXPECT_THAT(interleave_families({at("::1"), at("::2"), at("::3"), at("127.0.0.1")}),
              ElementsAre(at("::1"), at("127.0.0.1"), at("::2"), at("::3")));
  EXPECT_THAT(interleave_families({at("127.0.0.1"), at("::2")}),
              ElementsAre(at("127.0.0.1"), at("::2")));
}

awaitable<void> look_up(std::string host, std::vector<tcp::endpoint>& out) {
  out = co_await look_up_host(std::move(host), 7722);
}

TEST(LookUpHost, NumbersAndLocalhostAreFound) {
  std::vector<tcp::endpoint> found;
  EXPECT_FALSE(run_to_error(look_up("2001:db8::7", found)));
  EXPECT_THAT(found, ElementsAre(at("2001:db8::7")));
  EXPECT_FALSE(run_to_error(look_up("localhost", found)));
  EXPECT_THAT(found, testing::Each(testing::AnyOf(at("127.0.0.1"), at("::1"))));
}

TEST(LookUpHost, ANameThatCannotExistIsNotFound) {
  std::vector<tcp::endpoint> found;
  auto error = run_to_error(look_up(std::string(64, 'x') + ".invalid", found));
  ASSERT_TRUE(error);
  EXPECT_THAT(error->message, HasSubstr(".invalid"));
}

awaitable<void> dial_into(std::vector<tcp::endpoint> to, DialOptions options,
                          std::optional<tcp::endpoint>& peer, bool& no_delay) {
  auto socket = co_await dial("web1:7722", std::move(to), options);
  peer = socket.remote_endpoint();
  tcp::no_delay option;
  socket.get_option(option);
  no_delay = option.value();
}

TEST(Dial, GoesOnToTheNextAddressAtOnceWhenOneRefuses) {
  ClosedPort closed;
  asio::io_context context;
  tcp::acceptor open(context, at("127.0.0.1", 0));
  std::optional<tcp::endpoint> peer;
  bool no_delay = false;
  // An hour's stagger: only the refusal can have started the second attempt.
  auto error =
      run_to_error(dial_into({closed.endpoint(), open.local_endpoint()}, {1h, 1h}, peer, no_delay));
  ASSERT_FALSE(error) << error->message;
  EXPECT_EQ(peer, open.local_endpoint());
  EXPECT_TRUE(no_delay);
}

TEST(Dial, SaysThatNothingListens) {
  ClosedPort closed;
  std::optional<tcp::endpoint> peer;
  bool no_delay = false;
  auto error = run_to_error(dial_into({closed.endpoint()}, {}, peer, no_delay));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::unavailable);
  EXPECT_EQ(error->message,
            "nothing listens on web1:7722 (127.0.0.1): is `nigh serve` running there?");
}

TEST(Dial, EndsAtItsLimit) {
  asio::io_context context;
  tcp::acceptor open(context, at("127.0.0.1", 0));
  std::optional<tcp::endpoint> peer;
  bool no_delay = false;
  auto error = run_to_error(dial_into({open.local_endpoint()}, {0s, 0s}, peer, no_delay));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::timeout);
  EXPECT_FALSE(peer);
}

TEST(ExplainFailedDial, NamesEachAddressWhenTheyFailedDifferently) {
  auto error = explain_failed_dial("web1:7722",
                                   {{at("192.0.2.7"), asio::error::connection_refused},
                                    {at("2001:db8::7"), asio::error::network_unreachable},
                                    {at("192.0.2.8"), asio::error::timed_out}},
                                   2500ms);
  EXPECT_EQ(error.message,
            "cannot connect to web1:7722: 192.0.2.7: nothing listens there; 2001:db8::7: Network "
            "is unreachable; 192.0.2.8: no answer within 2.5 s");
}

TEST(ExplainFailedDial, NamesTheCommonReasonOnce) {
  auto unreachable =
      explain_failed_dial("192.0.2.7:1", {{at("192.0.2.7", 1), asio::error::host_unreachable}}, 1s);
  EXPECT_EQ(unreachable.message, "cannot reach 192.0.2.7:1: No route to host");
  auto timeout = explain_failed_dial(
      "web1:7722",
      {{at("192.0.2.7"), asio::error::timed_out}, {at("192.0.2.8"), asio::error::timed_out}}, 15s);
  EXPECT_EQ(timeout.code, Errc::timeout);
  EXPECT_THAT(timeout.message,
              AllOf(HasSubstr("(192.0.2.7 and 192.0.2.8)"), HasSubstr("within 15 s")));
}

}  // namespace
}  // namespace nigh::client
