// SPDX-License-Identifier: Apache-2.0
#include "client/connect.hpp"

#include <fmt/format.h>

#include "client/dial.hpp"
#include "client/lookup.hpp"
#include "client/surroundings.hpp"

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

awaitable<tcp::socket> reach(Endpoint endpoint, Progress progress, Deadline deadline) {
  auto lookup = look_up_host(endpoint.host, endpoint.port);
  auto addresses = co_await io::with_timeout(
      std::move(lookup), deadline.left(),
      fmt::format("the name service did not answer about {} in time", endpoint.host));
  progress.step("{} has {} address{}", endpoint.host, addresses.size(),
                addresses.size() == 1 ? "" : "es");
  DialOptions options;
  options.limit = deadline.left();
  auto socket = co_await dial(endpoint.address(), std::move(addresses), options);
  progress.step("connected to {}", address_text(socket.remote_endpoint().address().to_string(),
                                                endpoint.port));
  co_return socket;
}

}  // namespace

awaitable<std::shared_ptr<Connection>> connect(std::string target, ConnectOptions options) {
  Progress progress(options.on_step);
  auto endpoint = co_await resolve(target, options, surroundings());
  progress.step("{} is {} as {}", endpoint.alias, endpoint.address(), endpoint.user);
  for (;;) {
    Deadline deadline(endpoint.timeout);
    auto socket = co_await reach(endpoint, progress, deadline);
    auto connection = std::make_shared<Connection>(std::move(socket), endpoint, progress);
    auto check = co_await connection->handshake(options.confirm_host_key, deadline.left());
    // While a person decided, the server's patience with this connection may have run out.
    if (check.asked) continue;
    io::spawn_logged(connection->executor(), endpoint.address(), Connection::pump(connection));
    co_return connection;
  }
}

}  // namespace nigh::client
