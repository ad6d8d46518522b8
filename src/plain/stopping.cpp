// SPDX-License-Identifier: Apache-2.0
#include "plain/stopping.hpp"

#include "plain/standard.hpp"

namespace nigh::plain {
namespace {

constexpr int kNobodyReads = 141;  // as if SIGPIPE had ended us

}  // namespace

Stopping::Stopping(const asio::any_io_executor& executor, Stop& stop)
    : stop_(stop), told_(executor) {
  stop_.wake_ = [this] { told_.notify(); };
}

Stopping::~Stopping() { stop_.wake_ = nullptr; }

awaitable<void> Stopping::until_told() {
  while (!stop_.status()) co_await told_.wait();
}

awaitable<int> Stopping::run(awaitable<void> work) {
  try {
    co_await io::until_either(std::move(work), until_told());
  } catch (const NobodyReads&) {
    co_return kNobodyReads;
  }
  co_return stop_.status().value_or(0);
}

}  // namespace nigh::plain
