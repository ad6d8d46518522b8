// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "io/asio.hpp"
#include "io/readiness.hpp"

namespace nigh::io {

// Calls back, from the event loop, when connections of this machine may have died without a word:
// an address of it came or went, or it slept. What the kernel does not offer (a container without
// netlink) is done without.
class NetworkWatch {
 public:
  enum class Event { addresses_changed, woke_up };
  using Callback = std::function<void(Event)>;
  // After the destructor there is no callback; a callback may not run it.
  NetworkWatch(const asio::any_io_executor& executor, Callback callback);
  ~NetworkWatch();
  NetworkWatch(const NetworkWatch&) = delete;
  NetworkWatch& operator=(const NetworkWatch&) = delete;

 private:
  void watch_addresses(const asio::any_io_executor& executor);
  void watch_clock(const asio::any_io_executor& executor);
  void read_addresses();
  void read_clock();

  Callback callback_;
  std::unique_ptr<Readiness> addresses_;
  std::unique_ptr<Readiness> clock_;
  std::chrono::nanoseconds asleep_{};  // since boot, as of the last look
};

// Does a datagram of NETLINK_ROUTE tell of an address that came or went? For what is cut off or
// not understood: yes.
bool tells_of_addresses(std::string_view datagram);

}  // namespace nigh::io
