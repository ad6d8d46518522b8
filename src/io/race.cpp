// SPDX-License-Identifier: Apache-2.0
#include "io/race.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <deque>
#include <memory>
#include <optional>

#include "base/tcp_options.hpp"
#include "io/lookup.hpp"

namespace nigh::io {
namespace {

using Clock = std::chrono::steady_clock;

struct Attempt {
  Attempt(const asio::any_io_executor& executor, const tcp::endpoint& to)
      : socket(executor), endpoint(to) {}
  tcp::socket socket;
  tcp::endpoint endpoint;
  std::optional<boost::system::error_code> result;
};

// Shared with the handlers of connects that are cancelled but not yet told so.
class Race : public std::enable_shared_from_this<Race> {
 public:
  Race(const asio::any_io_executor& executor, std::vector<tcp::endpoint> endpoints,
       DialOptions options)
      : executor_(executor),
        endpoints_(std::move(endpoints)),
        options_(options),
        timer_(executor) {}

  awaitable<Raced> run() {
    const auto deadline = Clock::now() + options_.limit;
    start_next();
    for (;;) {
      if (auto* winner = connected()) co_return std::move(winner->socket);
      auto now = Clock::now();
      bool finished = all_failed() && next_ == endpoints_.size();
      if (finished || now >= deadline) co_return std::unexpected(failures());
      if (next_ < endpoints_.size() && (all_failed() || now >= next_start_)) {
        start_next();
        continue;
      }
      co_await wait_until(next_ < endpoints_.size() ? std::min(deadline, next_start_) : deadline);
    }
  }

  void stop() {
    for (auto& attempt : attempts_) {
      boost::system::error_code ignored;
      attempt.socket.close(ignored);
    }
  }

 private:
  void start_next() {
    next_start_ = Clock::now() + options_.stagger;
    auto& attempt = attempts_.emplace_back(executor_, endpoints_[next_++]);
    boost::system::error_code failed;
    // Not open(): what a process is started with meanwhile must not hold this socket.
    const auto protocol = attempt.endpoint.protocol();
    int fd = ::socket(protocol.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
      attempt.socket.assign(protocol, fd, failed);
    else
      failed = {errno, boost::system::system_category()};
    if (failed) {
      attempt.result = failed;  // no IPv6 in this kernel, or no descriptors left
      return;
    }
    attempt.socket.async_connect(attempt.endpoint,
                                 [self = shared_from_this(), &attempt](auto error) {
                                   attempt.result = error;
                                   self->timer_.cancel();
                                 });
  }

  // Returns early when an attempt ends.
  awaitable<void> wait_until(Clock::time_point when) {
    timer_.expires_at(when);
    boost::system::error_code ended;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw Failure(Errc::cancelled, "cancelled");
  }

  Attempt* connected() {
    for (auto& attempt : attempts_)
      if (attempt.result && !*attempt.result) return &attempt;
    return nullptr;
  }
  bool all_failed() const {
    for (const auto& attempt : attempts_)
      if (!attempt.result) return false;
    return true;
  }
  std::vector<FailedAttempt> failures() const {
    std::vector<FailedAttempt> out;
    for (const auto& attempt : attempts_)
      out.push_back({attempt.endpoint, attempt.result.value_or(asio::error::timed_out)});
    return out;
  }

  asio::any_io_executor executor_;
  std::vector<tcp::endpoint> endpoints_;
  DialOptions options_;
  asio::steady_timer timer_;
  std::deque<Attempt> attempts_;  // a deque: handlers hold references
  std::size_t next_ = 0;
  Clock::time_point next_start_{};
};

}  // namespace

awaitable<Raced> race(std::vector<tcp::endpoint> endpoints, DialOptions options) {
  auto racing = std::make_shared<Race>(co_await asio::this_coro::executor,
                                       interleave_families(endpoints), options);
  struct Stop {  // in every way out, a cancelled coroutine's included
    Race& race;
    ~Stop() { race.stop(); }
  } stop{*racing};
  auto raced = co_await racing->run();
  if (raced) tune_tcp(raced->native_handle());
  co_return raced;
}

}  // namespace nigh::io
