// SPDX-License-Identifier: Apache-2.0
#include "client/connect.hpp"

#include <fmt/format.h>

#include "client/kept.hpp"
#include "client/leaving.hpp"
#include "client/surroundings.hpp"
#include "client/way.hpp"
#include "io/lookup.hpp"

namespace nigh::client {
namespace {

using Clock = std::chrono::steady_clock;

// What is left of a time limit.
class Deadline {
 public:
  explicit Deadline(io::Duration limit) : end_(Clock::now() + limit) {}
  io::Duration left() const { return std::max(end_ - Clock::now(), io::Duration::zero()); }

 private:
  Clock::time_point end_;
};

awaitable<std::shared_ptr<Connection>> reach(Endpoint endpoint, Confirm confirm,
                                             Progress progress) {
  Deadline deadline(endpoint.timeout);
  auto way = co_await open_way(endpoint, std::move(confirm), progress, deadline.left());
  // Over jump hosts that took a person's time, too.
  if (is_indirect(endpoint)) deadline = Deadline(endpoint.timeout);
  auto connection = std::make_shared<Connection>(std::move(way), endpoint, progress);
  progress.step("connected to {}", connection->peer_address());
  co_await connection->handshake(deadline.left());
  co_return connection;
}

}  // namespace

awaitable<std::vector<tcp::endpoint>> look_up_within(Endpoint endpoint, io::Duration limit) {
  auto lookup = io::look_up_host(endpoint.host, endpoint.port);
  co_return co_await io::with_timeout(
      std::move(lookup), limit,
      fmt::format("the name service did not answer about {} in time", endpoint.host));
}

void start_pump(const std::shared_ptr<Connection>& connection) {
  LoopConnections::of(connection->executor()).add(connection);
  io::spawn_logged(connection->executor(), connection->endpoint().address(),
                   Connection::pump(connection));
}

awaitable<std::shared_ptr<Connection>> connect_directly(Endpoint endpoint, Confirm confirm,
                                                        Progress progress) {
  auto connection = co_await reach(endpoint, confirm, progress);
  if (!connection->check_host_key(confirm).asked) {
    start_pump(connection);
    co_return connection;
  }
  // While a person decided, the server's patience with that connection may have run out. Its key is
  // known now, unless there is no file to remember it in.
  auto accepted = connection->host_fingerprint();
  connection.reset();
  connection = co_await reach(endpoint, confirm, progress);
  connection->check_host_key(
      [&](const UnknownHostKey& key) { return key.fingerprint == accepted; });
  start_pump(connection);
  co_return connection;
}

awaitable<std::shared_ptr<Connection>> connect(std::string target, ConnectOptions options) {
  Progress progress(options.on_step);
  auto endpoint = co_await resolve(target, options, surroundings());
  progress.step("{} is {} as {}", endpoint.alias, endpoint.address(), endpoint.user);
  if (options.kept != Kept::never)
    if (auto kept = co_await connect_kept(endpoint, options, progress)) {
      start_pump(kept);
      co_return kept;
    }
  co_return co_await connect_directly(std::move(endpoint), options.confirm_host_key, progress);
}

}  // namespace nigh::client
