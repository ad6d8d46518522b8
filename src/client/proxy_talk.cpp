// SPDX-License-Identifier: Apache-2.0
#include "client/proxy_talk.hpp"

#include <sys/socket.h>

#include <array>
#include <chrono>

#include "io/runtime.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;
using Now = tunnel::ProxyDialect::Step::Now;

// For a request; nobody types one.
constexpr auto kPatience = 60s;
// For reading the last word: who is still sending would lose it to a reset.
constexpr auto kFarewell = 1s;

}  // namespace

ProxyTalk::ProxyTalk(const asio::any_io_executor& executor, UniqueFd socket)
    : socket_(executor, socket.get()) {
  (void)socket.release();
}

awaitable<tunnel::HostPort> ProxyTalk::target() {
  auto listening = listen();
  co_return co_await io::with_timeout(std::move(listening), kPatience,
                                      "it did not say where it wants to go");
}

awaitable<tunnel::HostPort> ProxyTalk::listen() {
  std::array<char, 4096> buffer{};
  for (;;) {
    boost::system::error_code failed;
    auto size = co_await socket_.async_read_some(asio::buffer(buffer),
                                                 asio::redirect_error(asio::use_awaitable, failed));
    if (failed) throw Failure(Errc::closed, "it left without saying where it wants to go");
    auto step = server_.feed({buffer.data(), size});
    if (!step.reply.empty()) co_await say(step.reply);
    if (step.now == Now::connect) co_return step.target;
    if (step.now == Now::over) {
      co_await hang_up();
      throw Failure(Errc::malformed, "it asked for something that this proxy does not do");
    }
  }
}

awaitable<void> ProxyTalk::grant() { co_await say(server_.granted()); }

awaitable<void> ProxyTalk::refuse(tunnel::Refusal why) {
  co_await say(server_.refused(why));
  co_await hang_up();
}

awaitable<void> ProxyTalk::say(std::string text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    boost::system::error_code failed;
    auto sent = co_await socket_.async_write_some(
        asio::buffer(rest), asio::redirect_error(asio::use_awaitable, failed));
    if (failed) throw Failure(Errc::closed, "it left before it was answered");
    rest.remove_prefix(sent);
  }
}

awaitable<void> ProxyTalk::hang_up() {
  (void)::shutdown(socket_.native_handle(), SHUT_WR);
  auto waiting = until_gone();
  try {
    co_await io::with_timeout(std::move(waiting), kFarewell, "");
  } catch (const Failure& failure) {
    if (failure.code() == Errc::cancelled) throw;
  }
}

awaitable<void> ProxyTalk::until_gone() {
  std::array<char, 4096> unwanted{};
  boost::system::error_code gone;
  while (!gone)
    co_await socket_.async_read_some(asio::buffer(unwanted),
                                     asio::redirect_error(asio::use_awaitable, gone));
}

}  // namespace nigh::client
