// SPDX-License-Identifier: Apache-2.0
// nigh::async::diagnose(): the steps of connecting, one by one.
#include <fmt/format.h>

#include <nigh/async.hpp>

#include "client/connect.hpp"
#include "client/dial.hpp"
#include "client/handles.hpp"
#include "client/surroundings.hpp"

namespace nigh::async {
namespace {

using client::Connection;

constexpr std::size_t kKeysShown = 10;

class Examination {
 public:
  explicit Examination(ConnectOptions options) : options_(std::move(options)) {}

  awaitable<void> run(std::string target) {
    // Each step throws if it fails; what it found so far stays.
    begin("name", "write [user@]host[:port], or correct the configuration that is named");
    auto endpoint = co_await client::resolve(target, options_, client::surroundings());
    if (client::is_indirect(endpoint)) co_return co_await go_indirectly(endpoint);
    advise("check the spelling, and that the name service knows it: getent hosts NAME");
    auto addresses = co_await client::look_up_within(endpoint, endpoint.timeout);
    found(describe(endpoint, addresses));

    begin("port", "start `nigh serve` on that machine, or open the port in its firewall");
    client::DialOptions limits;
    limits.limit = endpoint.timeout;
    auto socket = co_await client::dial(endpoint.address(), addresses, limits);
    auto connection = std::make_shared<Connection>(client::Way{std::move(socket), nullptr},
                                                   endpoint, client::Progress(options_.on_step));
    found("connected to " + connection->peer_address());
    co_await examine(connection);
  }

  std::vector<Finding> take() { return std::move(findings_); }
  void failed(const Error& error) {
    auto& last = findings_.back();
    last.detail = error.message;
    last.advice = advice_;
  }

 private:
  awaitable<void> go_indirectly(client::Endpoint endpoint) {
    found(fmt::format("{} as {}", endpoint.address(), endpoint.user));
    begin("way", "examine the first host on it with nigh doctor; --jump none goes without them");
    client::Progress progress(options_.on_step);
    auto way =
        co_await client::open_way(endpoint, options_.confirm_host_key, progress, endpoint.timeout);
    auto connection = std::make_shared<Connection>(std::move(way), endpoint, progress);
    found("connected to " + connection->peer_address());
    co_await examine(connection);
  }

  awaitable<void> examine(std::shared_ptr<Connection> connection) {
    begin("TLS", "make sure that it is `nigh serve` that listens on this port");
    co_await connection->handshake(connection->endpoint().timeout);
    auto info = connection->describe();
    found(fmt::format("TLS 1.3, {}, {}", info.tls_group, info.tls_cipher));

    begin("host key", "compare the fingerprint with what `nigh serve` prints on that machine");
    auto check = connection->check_host_key(options_.confirm_host_key);
    found(fmt::format("{} {}", check.fingerprint, check.how));

    begin("keys", "make a key with ssh-keygen, or start an ssh-agent and add one with ssh-add");
    found(co_await list_keys(connection->endpoint().identities));

    begin("account",
          "add a line of the keys above (their .pub files) to ~/.ssh/authorized_keys of "
          "that account");
    client::start_pump(connection);
    auto handle = std::make_shared<detail::Connection>(connection);
    auto server = co_await detail::info(handle);
    found(fmt::format("{} on nigh {}, let in with {}", server.user, server.version,
                      server.key_fingerprint));
  }

  static std::string describe(const client::Endpoint& endpoint,
                              const std::vector<tcp::endpoint>& addresses) {
    std::string list;
    for (const auto& address : addresses)
      list += (list.empty() ? "" : ", ") + address.address().to_string();
    return fmt::format("{} as {}: {}", endpoint.address(), endpoint.user, list);
  }

  static awaitable<std::string> list_keys(client::IdentitySources sources) {
    client::Identities identities(std::move(sources));
    std::string list;
    for (std::size_t count = 0;; ++count) {
      auto offer = co_await identities.next();
      if (!offer) break;
      if (count == kKeysShown) {
        list += ", and more";
        break;
      }
      list += (list.empty() ? "" : ", ") + offer->description;
    }
    for (const auto& note : identities.notes()) list += fmt::format("; passed over: {}", note);
    if (identities.notes().empty() && list.empty()) list = "there is none";
    if (list.starts_with("; ") || list == "there is none")
      throw Failure(Errc::not_found, list.starts_with("; ") ? list.substr(2) : list);
    co_return list;
  }

  void begin(std::string what, std::string advice) {
    findings_.push_back({std::move(what), false, "", ""});
    advise(std::move(advice));
  }
  void advise(std::string advice) { advice_ = std::move(advice); }
  void found(std::string detail) {
    findings_.back().ok = true;
    findings_.back().detail = std::move(detail);
  }

  ConnectOptions options_;
  std::vector<Finding> findings_;
  std::string advice_;
};

awaitable<std::vector<Finding>> examine(std::string target, ConnectOptions options) {
  Examination examination(std::move(options));
  try {
    co_await examination.run(std::move(target));
  } catch (const std::exception&) {
    auto error = io::to_error(std::current_exception());
    if (error.code == Errc::cancelled) throw;
    examination.failed(error);
  }
  co_return examination.take();
}

}  // namespace

awaitable<std::vector<Finding>> diagnose(std::string target, ConnectOptions options) {
  return examine(std::move(target), std::move(options));
}

}  // namespace nigh::async
