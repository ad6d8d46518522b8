// SPDX-License-Identifier: Apache-2.0
#include "server/worker/dialer.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>

#include "base/tcp_options.hpp"
#include "base/text.hpp"
#include "io/lookup.hpp"
#include "io/race.hpp"
#include "service/tunnel/target.hpp"

namespace nigh::server {
namespace {

using Dialled = std::expected<UniqueFd, Refusal>;

std::string name_of(const Dial& target) {
  if (target.reach == Reach::unix_socket) return shortened(printable(target.host));
  return shortened(
      printable(tunnel::to_text({target.host, static_cast<std::uint16_t>(target.port)})));
}

std::unexpected<Refusal> no_answer(const Dial& target, std::chrono::seconds limit) {
  return refuse(Trouble::timed_out,
                fmt::format("no answer from {} within {} s", name_of(target), limit.count()));
}

// By the words of the system for it.
std::unexpected<Refusal> refuse_errno(const Dial& target, int error_number) {
  auto trouble = error_number == ECONNREFUSED                           ? Trouble::refused
                 : error_number == ENOENT || error_number == ENOTDIR    ? Trouble::not_found
                 : error_number == EACCES || error_number == EPERM      ? Trouble::not_permitted
                 : error_number == ETIMEDOUT                            ? Trouble::timed_out
                 : error_number == EMFILE || error_number == ENFILE     ? Trouble::busy
                 : error_number == EAGAIN && target.reach != Reach::tcp ? Trouble::busy
                                                                        : Trouble::unreachable;
  return refuse(
      trouble,
      errno_error(fmt::format("cannot connect to {}", name_of(target)), error_number).message);
}

// What most of all attempts says: that one address refuses tells more than that another family has
// no route.
std::unexpected<Refusal> refuse_all(const Dial& target,
                                    const std::vector<io::FailedAttempt>& attempts,
                                    std::chrono::seconds limit) {
  auto failed_by = [&](const auto& reason) {
    return std::ranges::any_of(attempts, [&](const auto& a) { return a.reason == reason; });
  };
  if (failed_by(asio::error::connection_refused)) return refuse_errno(target, ECONNREFUSED);
  if (failed_by(asio::error::timed_out)) return no_answer(target, limit);
  return refuse_errno(target, attempts.front().reason.value());
}

Dialled dial_unix(const Dial& target) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (target.host.size() >= sizeof address.sun_path) return refuse_errno(target, ENAMETOOLONG);
  std::ranges::copy(target.host, address.sun_path);
  // A listener whose queue is full (EAGAIN) is busy: there is nothing to wait on.
  if (!socket.valid() ||
      ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return refuse_errno(target, errno);
  return socket;
}

// Nothing is sent for it: the first address that there is a route to.
Dialled dial_udp(const Dial& target, const std::vector<tcp::endpoint>& endpoints) {
  int last = EADDRNOTAVAIL;
  for (const auto& endpoint : endpoints) {
    UniqueFd socket(
        ::socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.valid() &&
        ::connect(socket.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0)
      return socket;
    last = errno;
  }
  return refuse_errno(target, last);
}

awaitable<Dialled> dial_host(Dial target, std::chrono::seconds limit) {
  auto endpoints = co_await io::look_up_host(target.host, static_cast<std::uint16_t>(target.port));
  if (target.reach == Reach::udp) co_return dial_udp(target, endpoints);
  auto raced = co_await io::race(std::move(endpoints), {.limit = limit});
  if (!raced) co_return refuse_all(target, raced.error(), limit);
  auto socket = *std::move(raced);
  tune_guest(socket.native_handle());
  boost::system::error_code failed;
  socket.native_non_blocking(true, failed);
  UniqueFd fd(socket.release(failed));
  if (failed) co_return refuse_errno(target, failed.value());
  co_return fd;
}

Dialled refuse_error(const Dial& target, const Error& error, std::chrono::seconds limit) {
  if (error.code == Errc::timeout) return no_answer(target, limit);
  if (error.code == Errc::not_found || error.code == Errc::unavailable)  // of the name
    return refuse(Trouble::name_not_found, error.message);
  return refuse(Trouble::internal, error.message);
}

}  // namespace

void Dialer::dial(Owner owner, const Dial& target, const Answer& answer) {
  if (target.reach == Reach::unix_socket) return answer(dial_unix(target));
  if (errands_.size() >= kMostAtATime)
    return answer(refuse(Trouble::busy, "the server dials as much as it can already"));
  auto errand = errands_.emplace(errands_.end(), owner, target.request, answer, executor_);
  io::spawn_logged(executor_, "dial", run(errand, target));
}

awaitable<void> Dialer::run(ErrandPosition errand, Dial target) {
  co_await io::until_either(connect(errand, std::move(target)), errand->abandoned.wait());
  errands_.erase(errand);
}

awaitable<void> Dialer::connect(ErrandPosition errand, Dial target) {
  Dialled dialled;
  try {
    dialled = co_await io::with_timeout(dial_host(target, limit_), limit_, "");
  } catch (...) {
    dialled = refuse_error(target, io::to_error(std::current_exception()), limit_);
  }
  if (errand->answer) errand->answer(std::move(dialled));
}

void Dialer::abandon(Errand& errand) {
  errand.answer = nullptr;
  errand.owner = nullptr;
  errand.abandoned.notify();
}

bool Dialer::abandon(Owner owner, RequestId request) {
  for (auto& errand : errands_)
    if (errand.owner == owner && errand.request == request) return abandon(errand), true;
  return false;
}

void Dialer::abandon_all(Owner owner) {
  for (auto& errand : errands_)
    if (errand.owner == owner) abandon(errand);
}

}  // namespace nigh::server
