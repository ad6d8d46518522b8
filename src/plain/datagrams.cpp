// SPDX-License-Identifier: Apache-2.0
#include "plain/datagrams.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/udp.hpp>
#include <cerrno>
#include <deque>
#include <memory>

#include "base/text.hpp"
#include "client/broadcast.hpp"
#include "client/target.hpp"
#include "io/lookup.hpp"
#include "plain/peer.hpp"
#include "plain/standard.hpp"

namespace nigh::plain {
namespace {

using asio::ip::udp;
using Clock = std::chrono::steady_clock;

// What reaches most receivers whole (NFS's and nc's size), and what may come at most.
constexpr std::size_t kToSend = 8 * 1024;
constexpr std::size_t kToReceive = 64 * 1024;

struct Correspondent {
  udp::socket* socket;
  udp::endpoint address;
  bool operator==(const Correspondent&) const = default;
};

class Correspondence {
 public:
  Correspondence(const asio::any_io_executor& executor, const Options& options)
      : options_(options),
        input_(executor),
        output_(executor, options.print ? Output::Form::lines : Output::Form::bytes),
        changed_(executor),
        patience_(executor) {}

  udp::socket& add(udp::socket socket) { return sockets_.emplace_back(std::move(socket)); }
  // Somebody who is written to; the others' datagrams are not wanted any more unless `keep_open`.
  void meet(udp::socket& socket, const udp::endpoint& address);

  awaitable<void> run() {
    std::vector<awaitable<void>> tasks;
    for (auto& socket : sockets_) tasks.push_back(receive(socket));
    tasks.push_back(send());
    co_await io::until_either(io::all_or_none(std::move(tasks)), until_quiet());
  }

 private:
  awaitable<void> receive(udp::socket& socket);
  awaitable<void> send();
  awaitable<void> until_quiet();
  void fail(const udp::endpoint& address, const boost::system::error_code& failed) const;

  Options options_;
  Input input_;
  Output output_;
  client::Broadcast changed_;
  asio::steady_timer patience_;
  std::deque<udp::socket> sockets_;
  std::vector<Correspondent> known_;
  bool input_ended_ = false;
  Clock::time_point last_ = Clock::now();
};

void Correspondence::meet(udp::socket& socket, const udp::endpoint& address) {
  if (std::ranges::find(known_, Correspondent{&socket, address}) != known_.end()) return;
  known_.push_back({&socket, address});
  options_.tell(fmt::format("Connected to {}", name_of(address.data())));
  changed_.notify_all();
}

// To who connects, that nothing listens there is the end; a correspondent of who listens may go.
void Correspondence::fail(const udp::endpoint& address,
                          const boost::system::error_code& failed) const {
  auto where = client::address_text(address.address().to_string(), address.port());
  if (failed == asio::error::connection_refused)
    throw Failure(Errc::unavailable, fmt::format("nothing listens on UDP port {}", where));
  throw Failure(errno_error(where, failed.value()));
}

awaitable<void> Correspondence::receive(udp::socket& socket) {
  auto buffer = std::make_unique_for_overwrite<char[]>(kToReceive);
  bool listens = known_.empty();
  for (;;) {
    udp::endpoint from;
    boost::system::error_code failed;
    auto size =
        co_await socket.async_receive_from(asio::buffer(buffer.get(), kToReceive), from,
                                           asio::redirect_error(asio::use_awaitable, failed));
    if (failed == asio::error::operation_aborted) throw Failure(Errc::cancelled, "cancelled");
    if (failed && listens) continue;
    if (failed) fail(known_.front().address, failed);
    bool stranger =
        !options_.keep_open && !known_.empty() && known_.front() != Correspondent{&socket, from};
    if (stranger) continue;
    meet(socket, from);
    last_ = Clock::now();
    output_.write({buffer.get(), size});
    co_await output_.drained();
  }
}

awaitable<void> Correspondence::send() {
  bool listens = known_.empty();
  for (;;) {
    while (known_.empty()) co_await changed_.wait();
    auto piece = co_await input_.next(kToSend);
    if (piece.empty()) break;
    for (auto [socket, address] : std::vector(known_)) {
      boost::system::error_code failed;
      co_await socket->async_send_to(asio::buffer(piece.data(), piece.size()), address,
                                     asio::redirect_error(asio::use_awaitable, failed));
      if (failed == asio::error::operation_aborted) throw Failure(Errc::cancelled, "cancelled");
      if (failed && !listens) fail(address, failed);
    }
  }
  input_ended_ = true;
  last_ = Clock::now();
  changed_.notify_all();
}

awaitable<void> Correspondence::until_quiet() {
  while (!input_ended_ || !options_.wait) co_await changed_.wait();
  while (Clock::now() < last_ + *options_.wait) {
    patience_.expires_at(last_ + *options_.wait);
    co_await patience_.async_wait(asio::use_awaitable);
  }
}

udp::socket dress(const asio::any_io_executor& executor, UniqueFd fd) {
  udp::socket socket(executor);
  udp::endpoint local;
  auto size = static_cast<socklen_t>(local.capacity());
  ::getsockname(fd.get(), local.data(), &size);
  socket.assign(local.protocol(), fd.get());
  (void)fd.release();
  return socket;
}

}  // namespace

awaitable<void> listen_to_datagrams(Options options, Listening listening) {
  auto executor = co_await asio::this_coro::executor;
  Correspondence correspondence(executor, options);
  for (auto& fd : listening.take()) correspondence.add(dress(executor, std::move(fd)));
  options.tell("Waiting for a connection...");
  co_await correspondence.run();
}

awaitable<void> connect_to_datagrams(Options options) {
  auto executor = co_await asio::this_coro::executor;
  auto lookup = io::look_up_host(options.host, options.port);
  auto addresses = co_await io::with_timeout(
      std::move(lookup), options.timeout,
      fmt::format("the name service did not answer about {} in time", options.host));
  boost::system::error_code failed;
  for (const auto& address : addresses) {
    udp::endpoint to(address.address(), address.port());
    udp::socket socket(executor);
    socket.open(to.protocol(), failed);
    // Connected, it hears that nothing listens there; a family without a way there fails at once.
    if (!failed) socket.connect(to, failed);
    if (failed) continue;
    Correspondence correspondence(executor, options);
    correspondence.meet(correspondence.add(std::move(socket)), to);
    co_return co_await correspondence.run();
  }
  throw Failure(
      errno_error(fmt::format("cannot reach {}", client::address_text(options.host, options.port)),
                  failed.value()));
}

}  // namespace nigh::plain
