// SPDX-License-Identifier: Apache-2.0
#include "client/tasks.hpp"

#include <iterator>
#include <utility>

namespace nigh::client {

Tasks::Tasks(asio::any_io_executor executor)
    : executor_(std::move(executor)), running_(std::make_shared<Running>()) {}

Tasks::~Tasks() { end_all(); }

void Tasks::begin(awaitable<void> task) {
  auto& signal = running_->emplace_back();
  auto ended = [running = running_, at = std::prev(running_->end())](std::exception_ptr) {
    running->erase(at);
  };
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(signal.slot(), std::move(ended)));
}

void Tasks::end_all() {
  // One that ends at once takes itself off the list.
  auto keep = running_;
  for (auto at = keep->begin(); at != keep->end();) (at++)->emit(asio::cancellation_type::terminal);
}

std::size_t Tasks::running() const { return running_->size(); }

}  // namespace nigh::client
