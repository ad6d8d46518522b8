// SPDX-License-Identifier: Apache-2.0
#include "keep/upstream_watch.hpp"

#include "base/error.hpp"
#include "client/alarm.hpp"

namespace nigh::keep {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// So long it may take until the server is heard again. If something is under way the kernel gives
// up earlier, after about a minute.
constexpr auto kGiveUp = 90s;
// A change of this machine's addresses may mean nothing: a PING is answered before that.
constexpr auto kHintGrace = 500ms;
constexpr auto kGlance = 50ms;

}  // namespace

UpstreamWatch::UpstreamWatch(std::shared_ptr<client::Connection> connection, Hooks hooks)
    : connection_(std::move(connection)),
      hooks_(std::move(hooks)),
      watch_(Clock::now()),
      alarm_(connection_->executor()),
      network_(connection_->executor(), [this](io::NetworkWatch::Event) {
        watch_.hint(Clock::now());
        alarm_.cancel();
      }) {}

void UpstreamWatch::sent() {
  watch_.heard(connection_->last_heard());
  if (watch_.sent(Clock::now()) < alarm_.expiry()) alarm_.cancel();
}

awaitable<void> UpstreamWatch::run() {
  for (;;) {
    watch_.heard(connection_->last_heard());
    watch_.happened(connection_->last_happened());
    auto verdict = watch_.look(Clock::now(), connection_->tcp());
    if (verdict.ping) connection_->ping();
    if (verdict.doubtful) {
      if (!co_await outlives_doubt(verdict.ping)) co_return;
    } else {
      co_await client::sleep_until(alarm_, verdict.again);
    }
  }
}

awaitable<bool> UpstreamWatch::outlives_doubt(bool is_hint) {
  const auto begin = Clock::now();
  in_doubt_ = true;
  bool told = false;
  for (auto now = begin; now - begin < kGiveUp; now = Clock::now()) {
    watch_.heard(connection_->last_heard());
    if (watch_.recovered(now, connection_->tcp())) {
      in_doubt_ = false;
      co_return true;
    }
    if (!told && (!is_hint || now - begin >= kHintGrace)) {
      told = true;
      hooks_.on_doubt();
    }
    if (told && !hooks_.is_used()) co_return false;
    co_await client::sleep_until(alarm_, now + kGlance);
  }
  co_return false;
}

}  // namespace nigh::keep
