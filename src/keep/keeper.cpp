// SPDX-License-Identifier: Apache-2.0
#include "keep/keeper.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "client/kept_directory.hpp"
#include "client/kept_words.hpp"
#include "io/runtime.hpp"

namespace nigh::keep {
namespace {

using namespace std::chrono_literals;

// A command says its word at once.
constexpr auto kWordLimit = 5s;
constexpr auto kFarewell = 1s;

std::int64_t since_1970(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

Keeper::Keeper(std::shared_ptr<client::Connection> connection, const ServerInfo& info,
               UniqueFd listening, std::chrono::milliseconds keep)
    : upstream_(std::move(connection)),
      facts_(client::facts_of(*upstream_.connection, info)),
      listening_(upstream_.connection->executor(), listening.get()),
      changed_(upstream_.connection->executor()),
      watch_(upstream_.connection,
             {.on_doubt =
                  [this] {
                    for (auto& guest : guests_) guest.send_away();
                  },
              .is_used = [this] { return std::ranges::any_of(guests_, &Guest::has_relays); }}),
      keep_(keep) {
  (void)listening.release();
  facts_.since_ms = since_1970(std::chrono::system_clock::now());
  facts_.process = ::getpid();
  upstream_.on_sent = [this] { watch_.sent(); };
  upstream_.on_useless = [this] { drain(); };
}

Keeper::~Keeper() = default;

void Keeper::changed() {
  last_used_ = Clock::now();
  changed_.notify_all();
}

void Keeper::drain() {
  closed_to_new_ = true;
  changed_.notify_all();
}

void Keeper::end() {
  ending_ = true;
  drain();
}

awaitable<void> Keeper::run(std::function<void()> on_closing) {
  on_closing_ = std::move(on_closing);
  co_await io::until_either(
      serve(),
      io::until_either(io::until_either(watch_.run(), wait_for_end()), watch_connection()));
  close_to_new();
  for (auto& guest : guests_) guest.end();
  asio::steady_timer timer(listening_.get_executor(), kFarewell);
  co_await io::until_either(say_goodbye(), timer.async_wait(asio::use_awaitable));
}

awaitable<void> Keeper::serve() {
  co_await io::until_either(accept_all(), wait_idle());
  close_to_new();
  co_await say_goodbye();
}

void Keeper::close_to_new() {
  closed_to_new_ = true;
  if (auto closing = std::exchange(on_closing_, nullptr)) closing();
}

awaitable<void> Keeper::say_goodbye() {
  while (!guests_.empty() || greeting_ > 0) co_await changed_.wait();
}

// ---- when it ends ------------------------------------------------------------------------------

std::chrono::milliseconds Keeper::idle_left() const {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(last_used_ + keep_ - Clock::now());
  return std::max(left, 0ms);
}

awaitable<void> Keeper::wait_idle() {
  while (!closed_to_new_) {
    if (!guests_.empty() || greeting_ > 0) {
      co_await changed_.wait();
      continue;
    }
    if (idle_left() == 0ms) co_return;
    asio::steady_timer timer(listening_.get_executor(), idle_left());
    co_await io::until_either(timer.async_wait(asio::use_awaitable), changed_.wait());
  }
}

awaitable<void> Keeper::watch_connection() {
  co_await upstream_.connection->until_ending();
  drain();
  co_await upstream_.connection->until_over();
}

awaitable<void> Keeper::wait_for_end() {
  while (!ending_) co_await changed_.wait();
}

// ---- who comes ---------------------------------------------------------------------------------

awaitable<void> Keeper::accept_all() {
  for (;;) {
    UniqueFd fd(
        ::accept4(listening_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd.valid()) {
      if (!client::peer_is_ours(fd.get())) continue;
      auto executor = listening_.get_executor();
      auto socket = std::make_shared<tcp::socket>(client::dressed(executor, std::move(fd)));
      io::spawn_logged(executor, "nigh-keep", greet(std::move(socket)));
    } else if (errno == EAGAIN) {
      co_await listening_.async_wait(asio::posix::stream_descriptor::wait_read,
                                     asio::use_awaitable);
    } else if (errno != EINTR && errno != ECONNABORTED) {
      co_return;  // no descriptors left: nobody else can be served
    }
  }
}

awaitable<void> Keeper::greet(std::shared_ptr<tcp::socket> socket) {
  ++greeting_;
  bool joined = false;
  try {
    auto word = [](Keeper& self, std::shared_ptr<tcp::socket> to, bool& use) -> awaitable<void> {
      auto said = unwrap(wire::decode<client::ToKeeper>(co_await client::receive_word(*to)));
      const auto* wish = std::get_if<client::Use>(&said);
      if (const auto* end = std::get_if<client::AskEnd>(&said)) {
        self.close_to_new();  // who asked finds it gone
        end->drain ? self.drain() : self.end();
      }
      client::FromKeeper answer = self.facts();
      auto why = self.unfit();
      if (wish && wish->version != client::kKeptVersion) why = "another version of nigh keeps it";
      if (wish && !why.empty()) answer = client::Unfit{why};
      use = wish && why.empty();
      if (use && wish->keep_ms) self.keep_ = std::chrono::milliseconds(*wish->keep_ms);
      co_await client::send_word(*to, wire::encode(answer));
    };
    co_await io::with_timeout(word(*this, socket, joined), kWordLimit, "");
  } catch (const std::exception&) {
    joined = false;  // it went away, or speaks another language
  }
  --greeting_;
  if (joined) co_await host(std::move(*socket));
  changed_.notify_all();
}

awaitable<void> Keeper::host(tcp::socket socket) {
  auto guest = guests_.emplace(guests_.end(), std::move(socket), upstream_);
  co_await guest->serve();
  guests_.erase(guest);
  changed();
}

std::size_t Keeper::streams() const {
  std::size_t count = 0;
  for (const auto& guest : guests_) count += guest.streams();
  return count;
}

std::string Keeper::unfit() const {
  if (closed_to_new_ || upstream_.connection->ending()) return "it is ending";
  if (watch_.in_doubt()) return "the server is not heard at present";
  return "";
}

client::Facts Keeper::facts() const {
  auto facts = facts_;
  facts.round_trip_us =
      static_cast<std::uint64_t>(upstream_.connection->tcp().exact_round_trip.count());
  facts.clients = static_cast<std::uint32_t>(guests_.size());
  facts.streams = static_cast<std::uint32_t>(streams());
  facts.keep_ms = static_cast<std::uint64_t>(keep_.count());
  if (guests_.empty()) facts.ends_ms = since_1970(std::chrono::system_clock::now() + idle_left());
  return facts;
}

}  // namespace nigh::keep
