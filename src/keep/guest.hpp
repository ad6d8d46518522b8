// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "io/h2_connection.hpp"
#include "keep/relay.hpp"

namespace nigh::keep {

// A command that uses the kept connection: HTTP/2 without TLS on a private socket.
class Guest final : private http2::Events {
 public:
  Guest(tcp::socket bare, Upstream& upstream);

  // Serves it until it leaves, or end() was called. Never throws but for cancellation.
  awaitable<void> serve();
  // Breaks off what it does.
  void end();

  // What it waits for.
  std::size_t streams() const {
    auto serves = [](const auto& each) { return each.second->serves_command(); };
    return static_cast<std::size_t>(std::ranges::count_if(relays_, serves));
  }
  bool has_relays() const { return !relays_.empty(); }
  // The connection is in doubt.
  void send_away();

 private:
  void on_headers(http2::StreamId id, http2::Fields fields, bool end_of_stream) override;
  void on_data(http2::StreamId id, std::string_view bytes) override;
  void on_end(http2::StreamId id) override;
  void on_close(http2::StreamId id, std::uint32_t error_code) override;
  void forget(http2::StreamId id);

  Upstream& upstream_;
  io::H2Connection h2_;
  std::map<http2::StreamId, std::unique_ptr<Relay>> relays_;
  std::vector<std::unique_ptr<Relay>> gone_;  // over: for the next occasion
};

}  // namespace nigh::keep
