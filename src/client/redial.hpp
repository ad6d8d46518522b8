// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/connection.hpp"
#include "client/retry_pace.hpp"

namespace nigh::client {

// Whom to reach again: the server of a connection that was good.
struct Acquaintance {
  Endpoint endpoint;
  std::string fingerprint;            // the host key that was accepted
  std::optional<tcp::endpoint> peer;  // where it was
};

// Tries to reach a server again, as often as a RetryPace says, and does not wait for one attempt
// before it begins the next: a packet that was lost while the network was away is sent again by the
// kernel ever more rarely. The first attempt that leads to the server, with TLS done and the host
// key checked, wins; the others end. The name is looked up again meanwhile. Over jump hosts each
// attempt goes the whole way.
class Redial {
 public:
  // `pace` outlives it. `on_change`: an attempt has ended; see take() and run().
  Redial(const asio::any_io_executor& executor, Acquaintance whom, RetryPace& pace,
         std::function<void()> on_change);
  ~Redial();
  Redial(const Redial&) = delete;
  Redial& operator=(const Redial&) = delete;

  // Begins the attempts that are due, and says when to call it next.
  RetryPace::Time run(RetryPace::Time now);
  // A connection that can be used; its pump does not run yet. Throws Errc::refused if somebody else
  // is at the server's address.
  std::shared_ptr<Connection> take();
  // Why the last attempt that failed did; "" before.
  const std::string& last_failure() const;

 private:
  struct Shared;
  struct Attempt;
  static awaitable<void> attempt(std::shared_ptr<Shared> shared, tcp::endpoint to);
  static awaitable<void> attempt_indirectly(std::shared_ptr<Shared> shared);
  static awaitable<void> try_way(std::shared_ptr<Shared> shared, Way way);
  static awaitable<void> look_up(std::shared_ptr<Shared> shared);
  void begin(awaitable<void> task, bool is_attempt);
  std::vector<tcp::endpoint> targets();

  RetryPace& pace_;
  std::shared_ptr<Shared> shared_;
  std::size_t turn_ = 0;
};

}  // namespace nigh::client
