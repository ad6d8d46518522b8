// SPDX-License-Identifier: Apache-2.0
// A way over a jump host: a connection to it, with its own host key and ours, and in that a tunnel
// to the server, which a socket pair makes look like a socket.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>

#include "client/connect.hpp"
#include "client/kept_words.hpp"
#include "client/socket_pump.hpp"
#include "client/tunnel_stream.hpp"
#include "client/way.hpp"

namespace nigh::client {
namespace {

struct Ends {
  UniqueFd ours, its;
};

Ends make_ends() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    throw Failure(errno_error("cannot make a socket", errno));
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

awaitable<void> pump(TunnelStream& stream, UniqueFd socket) {
  SocketPump pump(stream, std::move(socket), "", OnBroken::finish);
  co_await pump.run();
}

// The connection to the jump host is for this tunnel alone, and ends with it.
awaitable<void> carry(std::shared_ptr<Connection> hop, std::unique_ptr<TunnelStream> stream,
                      UniqueFd socket, std::shared_ptr<Passenger> passenger) {
  try {
    co_await io::until_either(pump(*stream, std::move(socket)), passenger->until_forgotten());
  } catch (const Failure&) {
    // Its passenger finds the socket closed, and has more to tell.
  }
  stream.reset();
  hop->close();
  passenger->arrive();
}

awaitable<std::shared_ptr<Connection>> reach_hop(Endpoint hop, Confirm confirm, Progress progress) {
  auto address = hop.address();
  try {
    co_return co_await connect_directly(std::move(hop), std::move(confirm), std::move(progress));
  } catch (const Failure& failure) {
    if (failure.code() == Errc::cancelled) throw;
    throw Failure(failure.code(), fmt::format("jump host {}: {}", address, failure.what()));
  }
}

awaitable<void> open_tunnel(TunnelStream& stream, Connection& hop, const Endpoint& to,
                            io::Duration limit) {
  auto address = hop.endpoint().address();
  auto task = stream.open(tunnel_to(hop, {.host = to.host, .port = to.port, .path = {}}));
  try {
    co_await io::with_timeout(std::move(task), limit,
                              fmt::format("it has not reached {} within {:g} s", to.address(),
                                          std::chrono::duration<double>(limit).count()));
  } catch (const Failure& failure) {
    if (failure.code() == Errc::cancelled) throw;
    throw Failure(failure.code(), fmt::format("jump host {}: {}", address, failure.what()));
  }
}

}  // namespace

awaitable<Way> jump(Endpoint endpoint, Confirm confirm, Progress progress, io::Duration limit) {
  auto hop = co_await reach_hop(*endpoint.via, std::move(confirm), progress);
  auto stream = std::make_unique<TunnelStream>(hop);
  try {
    co_await open_tunnel(*stream, *hop, endpoint, limit);
  } catch (const Failure&) {
    hop->close();
    throw;
  }
  progress.step("jump host {} has connected to {}", hop->endpoint().address(), endpoint.address());
  auto executor = co_await asio::this_coro::executor;
  auto ends = make_ends();
  auto passenger = std::make_shared<Passenger>(executor);
  LoopWays::of(executor).add(passenger, hop.get());
  io::spawn_logged(executor, "jump", carry(hop, std::move(stream), std::move(ends.its), passenger));
  co_return Way{dressed(executor, std::move(ends.ours)), ticket_for(std::move(passenger))};
}

}  // namespace nigh::client
