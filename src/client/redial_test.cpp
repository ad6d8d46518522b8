// SPDX-License-Identifier: Apache-2.0
#include "client/redial.hpp"

#include <gmock/gmock.h>

#include "client/connect.hpp"
#include "client/server_for_test.hpp"
#include "client/test_folder.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ARedial : public testing::Test {
 protected:
  ARedial() { io::spawn_logged(context_.get_executor(), "server", server_.serve()); }

  // Somebody who was reached at `peer`; the name leads to the server.
  Acquaintance acquaintance(std::optional<tcp::endpoint> peer) const {
    Acquaintance whom;
    whom.endpoint.alias = "web1";
    whom.endpoint.host = "127.0.0.1";
    whom.endpoint.port = server_.endpoint().port();
    whom.endpoint.user = "ada";
    whom.endpoint.known_hosts_names = {"web1"};
    whom.endpoint.known_hosts_files = {folder_ / "known_hosts"};
    whom.fingerprint = server_.host_fingerprint();
    whom.peer = peer;
    return whom;
  }

  // Tries until it has the server or knows that it cannot; time passes quickly for it.
  std::shared_ptr<Connection> reach(Acquaintance whom) {
    auto now = std::chrono::steady_clock::now();
    RetryPace pace([] { return 0.5; });
    pace.begin(now);
    Redial redial(context_.get_executor(), std::move(whom), pace, [this] { ++changes_; });
    for (;; now += 2s) {
      redial.run(now);
      context_.run_one();
      auto connection = redial.take();
      last_failure_ = redial.last_failure();
      if (connection) return connection;
    }
  }
  void end(const std::shared_ptr<Connection>& connection) {
    start_pump(connection);
    connection->close();
    context_.run();
  }

  asio::io_context context_{1};
  TestFolder folder_;
  ServerForTest server_{context_};
  int changes_ = 0;
  std::string last_failure_;
};

TEST_F(ARedial, ReachesTheServerWhereItWas) {
  auto whom = acquaintance(server_.endpoint());
  whom.endpoint.host = "no.such.name.invalid";
  auto connection = reach(std::move(whom));
  EXPECT_EQ(connection->peer(), server_.endpoint());
  EXPECT_EQ(connection->host_fingerprint(), server_.host_fingerprint());
  EXPECT_GE(changes_, 1);
  end(connection);
}

TEST_F(ARedial, LooksTheNameUp) {
  auto connection = reach(acquaintance(std::nullopt));
  EXPECT_EQ(connection->peer(), server_.endpoint());
  end(connection);
}

TEST_F(ARedial, GoesWhereTheNameLeadsNowIfNobodyListensWhereItWas) {
  tcp::socket nobody(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  auto connection = reach(acquaintance(nobody.local_endpoint()));
  EXPECT_EQ(connection->peer(), server_.endpoint());
  end(connection);
}

TEST_F(ARedial, DoesNotWaitForAnAttemptThatGetsNoAnswer) {
  // Its kernel takes connections, and nobody says anything on them.
  tcp::acceptor silent(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  auto connection = reach(acquaintance(silent.local_endpoint()));
  EXPECT_EQ(connection->peer(), server_.endpoint());
  end(connection);
}

TEST_F(ARedial, GivesUpWhenSomebodyElseIsThere) {
  auto whom = acquaintance(server_.endpoint());
  whom.fingerprint = "SHA256:another";
  try {
    end(reach(std::move(whom)));
    FAIL() << "it was taken for the server";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::refused);
    EXPECT_NE(failure.what(), std::string());
  }
  context_.run();
}

TEST_F(ARedial, TellsWhyTheLastAttemptFailed) {
  tcp::socket nobody(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  auto now = std::chrono::steady_clock::now();
  RetryPace pace([] { return 0.5; });
  pace.begin(now);
  auto whom = acquaintance(nobody.local_endpoint());
  whom.endpoint.port = nobody.local_endpoint().port();
  {
    Redial redial(context_.get_executor(), std::move(whom), pace, [] {});
    EXPECT_EQ(redial.last_failure(), "");
    EXPECT_GT(redial.run(now), now);
    while (redial.last_failure().empty()) context_.run_one();
    EXPECT_THAT(redial.last_failure(), HasSubstr("refused"));
    EXPECT_EQ(redial.take(), nullptr);
  }
  context_.stop();  // the server has nobody to serve
}

}  // namespace
}  // namespace nigh::client
