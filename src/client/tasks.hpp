// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>

#include "io/asio.hpp"

namespace nigh::client {

// Coroutines that somebody has begun and does not wait for, but ends. One that is ended may live a
// little longer than this object, so it owns what it uses.
class Tasks {
 public:
  explicit Tasks(asio::any_io_executor executor);
  ~Tasks();
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  // What it throws is dropped: it has told whom it concerns.
  void begin(awaitable<void> task);
  void end_all();
  std::size_t running() const;

 private:
  using Running = std::list<asio::cancellation_signal>;
  asio::any_io_executor executor_;
  std::shared_ptr<Running> running_;
};

}  // namespace nigh::client
