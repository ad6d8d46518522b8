// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "base/unique_fd.hpp"
#include "client/broadcast.hpp"
#include "client/kept_messages.hpp"
#include "keep/guest.hpp"
#include "keep/upstream_watch.hpp"

namespace nigh::keep {

// Lets commands use one connection, through a listening socket, until nobody has for a while.
class Keeper {
 public:
  using Clock = std::chrono::steady_clock;
  // `connection` is pumped, and the server knows us; `info` is what it said. `keep`: after the last
  // use.
  Keeper(std::shared_ptr<client::Connection> connection, const ServerInfo& info, UniqueFd listening,
         std::chrono::milliseconds keep);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // Ends when nothing more is to be done; `on_closing` is called before, when nobody is let in any
  // more: the socket's name can go.
  awaitable<void> run(std::function<void()> on_closing);
  // Breaks everything off.
  void end();
  // Lets nobody in any more, and ends with the last that is there.
  void drain();

  client::Facts facts() const;

 private:
  awaitable<void> accept_all();
  awaitable<void> wait_idle();
  awaitable<void> serve();
  awaitable<void> watch_connection();
  awaitable<void> wait_for_end();
  awaitable<void> say_goodbye();
  void close_to_new();
  awaitable<void> greet(std::shared_ptr<tcp::socket> socket);
  awaitable<void> answer(std::shared_ptr<tcp::socket> socket);
  awaitable<void> host(tcp::socket socket);
  std::size_t streams() const;
  std::string unfit() const;
  void changed();
  std::chrono::milliseconds idle_left() const;

  Upstream upstream_;
  client::Facts facts_;
  asio::posix::stream_descriptor listening_;
  client::Broadcast changed_;
  UpstreamWatch watch_;
  std::list<Guest> guests_;
  std::chrono::milliseconds keep_;
  Clock::time_point last_used_ = Clock::now();
  std::function<void()> on_closing_;
  bool closed_to_new_ = false;
  bool ending_ = false;
  std::size_t greeting_ = 0;
};

}  // namespace nigh::keep
