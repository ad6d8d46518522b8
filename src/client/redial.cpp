// SPDX-License-Identifier: Apache-2.0
#include "client/redial.hpp"

#include <algorithm>
#include <list>
#include <utility>

#include "base/tcp_options.hpp"
#include "client/connect.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;

// An attempt that got no answer is worth nothing any more: later ones are under way.
constexpr auto kConnectLimit = 3s;
constexpr auto kHandshakeLimit = 10s;
// Once the server's kernel has answered, others wait for so long.
constexpr auto kHeadStart = 1s;
constexpr auto kLookUpLimit = 10s;
constexpr auto kLookUpPause = 5s;
constexpr std::size_t kMaxUnderWay = 64;
// Each is several connections, and signatures.
constexpr auto kWayLimit = 10s;
constexpr std::size_t kMaxWaysUnderWay = 3;

}  // namespace

// What attempts have in common; those that are cancelled may live a little longer than the Redial.
struct Redial::Shared {
  asio::any_io_executor executor;
  Acquaintance whom;
  std::function<void()> on_change;
  std::list<asio::cancellation_signal> running;
  std::size_t attempts = 0;
  std::vector<tcp::endpoint> addresses;
  RetryPace::Time answered{};  // when the last TCP connection came about
  std::shared_ptr<Connection> winner;
  std::optional<Error> hopeless;
  std::string last_failure;
  bool over = false;
};

Redial::Redial(const asio::any_io_executor& executor, Acquaintance whom, RetryPace& pace,
               std::function<void()> on_change)
    : pace_(pace), shared_(std::make_shared<Shared>()) {
  shared_->executor = executor;
  shared_->whom = std::move(whom);
  shared_->on_change = std::move(on_change);
  // Whatever was agreed to at first: an unknown key is right only if it is the one from before.
  shared_->whom.endpoint.unknown_host = UnknownHostPolicy::ask;
  if (!is_indirect(shared_->whom.endpoint)) begin(look_up(shared_), false);
}

Redial::~Redial() {
  shared_->over = true;
  shared_->on_change = nullptr;
  shared_->winner.reset();
  for (auto& one : shared_->running) one.emit(asio::cancellation_type::terminal);
}

const std::string& Redial::last_failure() const { return shared_->last_failure; }

void Redial::begin(awaitable<void> task, bool is_attempt) {
  auto& signal = shared_->running.emplace_back();
  auto ended = [shared = shared_, at = std::prev(shared_->running.end()),
                is_attempt](std::exception_ptr failure) {
    if (failure) shared->last_failure = io::to_error(failure).message;
    if (is_attempt) --shared->attempts;
    shared->running.erase(at);
    if (shared->on_change) shared->on_change();
  };
  if (is_attempt) ++shared_->attempts;
  asio::co_spawn(shared_->executor, std::move(task),
                 asio::bind_cancellation_slot(signal.slot(), std::move(ended)));
}

awaitable<void> Redial::look_up(std::shared_ptr<Shared> shared) {
  asio::steady_timer timer(shared->executor);
  for (;;) {
    try {
      shared->addresses = co_await look_up_within(shared->whom.endpoint, kLookUpLimit);
    } catch (const Failure& failure) {
      if (failure.code() == Errc::cancelled) throw;
      shared->last_failure = failure.what();  // where it was last may do
    }
    timer.expires_after(kLookUpPause);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

awaitable<void> Redial::attempt(std::shared_ptr<Shared> shared, tcp::endpoint to) {
  tcp::socket socket(shared->executor);
  auto connect = socket.async_connect(to, asio::use_awaitable);
  co_await io::with_timeout(std::move(connect), kConnectLimit, "the server does not answer");
  shared->answered = std::chrono::steady_clock::now();
  struct Forget {  // an attempt that failed holds up no other
    Shared& shared;
    ~Forget() { shared.answered = {}; }
  } forget{*shared};
  tune_tcp(socket.native_handle());
  co_await try_way(shared, {std::move(socket), nullptr});
}

awaitable<void> Redial::attempt_indirectly(std::shared_ptr<Shared> shared) {
  auto task = open_way(shared->whom.endpoint, nullptr, Progress(nullptr), kWayLimit);
  auto way =
      co_await io::with_timeout(std::move(task), kWayLimit, "the way to the server is interrupted");
  co_await try_way(shared, std::move(way));
}

awaitable<void> Redial::try_way(std::shared_ptr<Shared> shared, Way way) {
  auto connection =
      std::make_shared<Connection>(std::move(way), shared->whom.endpoint, Progress(nullptr));
  co_await connection->handshake(kHandshakeLimit);
  try {
    connection->check_host_key(
        [&](const UnknownHostKey& key) { return key.fingerprint == shared->whom.fingerprint; });
  } catch (const Failure& failure) {
    if (failure.code() == Errc::refused) shared->hopeless = failure.error();
    throw;
  }
  if (!shared->winner && !shared->over) shared->winner = std::move(connection);
}

// Where it was, and one after the other where its name says.
std::vector<tcp::endpoint> Redial::targets() {
  std::vector<tcp::endpoint> out, others;
  const auto& peer = shared_->whom.peer;
  if (peer) out.push_back(*peer);
  for (const auto& address : shared_->addresses)
    if (!peer || address != *peer) others.push_back(address);
  if (!others.empty()) out.push_back(others[turn_++ % others.size()]);
  return out;
}

RetryPace::Time Redial::run(RetryPace::Time now) {
  if (shared_->winner || shared_->hopeless) return RetryPace::Time::max();
  if (now < pace_.next()) return pace_.next();
  if (now < shared_->answered + kHeadStart) return shared_->answered + kHeadStart;
  pace_.tried(now);
  if (is_indirect(shared_->whom.endpoint)) {
    if (shared_->attempts < kMaxWaysUnderWay) begin(attempt_indirectly(shared_), true);
    return pace_.next();
  }
  for (const auto& to : targets())
    if (shared_->attempts < kMaxUnderWay) begin(attempt(shared_, to), true);
  return pace_.next();
}

std::shared_ptr<Connection> Redial::take() {
  if (shared_->hopeless) throw Failure(*shared_->hopeless);
  return std::exchange(shared_->winner, nullptr);
}

}  // namespace nigh::client
