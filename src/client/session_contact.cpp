// SPDX-License-Identifier: Apache-2.0
// A session stream: contact with the server, its loss and its return.
#include <fmt/format.h>

#include <algorithm>

#include "client/alarm.hpp"
#include "client/session_stream.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How often somebody hears that there is no contact; a doubt that passes sooner is not told.
constexpr auto kTick = 1s;
// How often it is looked whether a connection that is in doubt has come to life.
constexpr auto kGlance = 50ms;

}  // namespace

// Ends when there is a connection that is better than the one there is.
awaitable<void> SessionStream::guard(std::shared_ptr<Connection>& found) {
  // What has not begun cannot be resumed; talk() says how that ends.
  while (!session_.is_resumable()) co_await changed_.wait();
  if (!network_) network_.emplace(executor(), [this](io::NetworkWatch::Event) { on_network(); });
  while (!found) {
    auto why = co_await until_doubtful();
    found = co_await find_contact(std::move(why));
  }
}

awaitable<std::string> SessionStream::until_doubtful() {
  for (;;) {
    if (broken_) co_return broken_->message;
    if (session_.is_over()) {  // nothing to go on with
      co_await changed_.wait();
      continue;
    }
    watch_.heard(connection_->last_heard());
    watch_.happened(connection_->last_happened());
    auto verdict = watch_.look(Clock::now(), connection_->tcp());
    if (verdict.ping) connection_->ping();
    if (verdict.doubtful)
      co_return fmt::format("{}: {}", connection_->endpoint().address(), verdict.reason);
    co_await sleep_until(alarm_, verdict.again);
  }
}

bool SessionStream::has_recovered(Time now) {
  if (broken_) return false;
  watch_.heard(connection_->last_heard());
  return watch_.recovered(now, connection_->tcp());
}

// nullptr: the connection that was in doubt has come to life again.
awaitable<std::shared_ptr<Connection>> SessionStream::find_contact(std::string why) {
  const auto& endpoint = connection_->endpoint();
  const auto begin = Clock::now();
  if (!lost_at_) lost_at_ = connection_->last_heard();
  // Contact on which nothing came about is no reason to try harder.
  const bool was_of_use = connection_->last_happened() > regained_at_;
  if (was_of_use || begin - regained_at_ > kTick) pace_.begin(begin);
  if (!broken_) pace_.set_round_trip(connection_->tcp().round_trip);
  if (!told_lost_) next_tick_ = broken_ ? begin : begin + kTick;
  Redial redial(executor(), {endpoint, connection_->host_fingerprint(), connection_->peer()}, pace_,
                [this] { alarm_.cancel(); });
  for (;;) {
    auto now = Clock::now();
    if (has_recovered(now)) {
      regained();
      co_return nullptr;
    }
    if (auto connection = redial.take()) co_return connection;
    tell_waiting(now, why);
    if (endpoint.resume_limit && now - *lost_at_ >= *endpoint.resume_limit)
      throw Failure(
          Errc::timeout,
          fmt::format("contact with {} was lost and has not come back: {}", endpoint.address(),
                      redial.last_failure().empty() ? why : redial.last_failure()));
    auto next = std::min(redial.run(now), next_tick_);
    co_await sleep_until(alarm_, broken_ ? next : std::min(next, now + kGlance));
  }
}

// ---- what happens meanwhile --------------------------------------------------------------------

void SessionStream::lose(const Error& why) {
  if (broken_) return;
  broken_ = why;
  alarm_.cancel();
}

void SessionStream::on_sent() {
  watch_.heard(connection_->last_heard());
  if (watch_.sent(Clock::now()) < alarm_.expiry()) alarm_.cancel();
}

void SessionStream::on_network() {
  watch_.hint(Clock::now());
  pace_.hurry(Clock::now());
  alarm_.cancel();
}

void SessionStream::input_came() {
  if (!lost_at_) return;
  pace_.wanted(Clock::now());
  alarm_.cancel();
}

void SessionStream::regained() {
  regained_at_ = Clock::now();
  lost_at_.reset();
  if (!std::exchange(told_lost_, false)) return;
  tell([](const ContactEvents& events) {
    if (events.on_resumed) events.on_resumed();
  });
}

void SessionStream::tell_waiting(Time now, const std::string& why) {
  if (now < next_tick_) return;
  next_tick_ = now + kTick;
  const bool first = !std::exchange(told_lost_, true);
  auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - *lost_at_);
  tell([=](const ContactEvents& events) {
    if (first && events.on_lost) events.on_lost(why);
    if (since >= kTick && events.on_waiting) events.on_waiting(since);
  });
}

void SessionStream::on_lost(Channel output, std::uint64_t bytes) {
  auto text = fmt::format("{} bytes of {} are missing here: the server did not keep them", bytes,
                          output == Channel::out ? "output" : "standard error");
  tell([=](const ContactEvents& events) {
    if (events.on_notice) events.on_notice(text);
  });
}

void SessionStream::on_notice(const session::Notice& notice) {
  std::string text;
  if (const auto* clients = std::get_if<session::Clients>(&notice))
    text = clients->count == 1 ? "no other client is attached any more"
                               : fmt::format("{} clients are attached now", clients->count);
  else if (const auto* size = std::get_if<session::SizeNotice>(&notice))
    text = fmt::format("the terminal has {} columns and {} rows now: the smallest that is attached",
                       size->size.columns, size->size.rows);
  else
    return;
  tell([=](const ContactEvents& events) {
    if (events.on_notice) events.on_notice(text);
  });
}

// From the loop, as we are in the middle of things.
void SessionStream::tell(std::function<void(const ContactEvents&)> what) {
  asio::post(executor(), [self = shared_from_this(), what = std::move(what)] {
    if (self->left_ || self->failure()) return;
    auto events = self->events_;  // they may be replaced meanwhile
    what(events);
  });
}

}  // namespace nigh::client
