// SPDX-License-Identifier: Apache-2.0
#include "server/front/front.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <unordered_map>

#include "base/log.hpp"
#include "io/runtime.hpp"
#include "server/front/connection.hpp"
#include "server/front/kept_tunnels.hpp"
#include "server/front/sandbox.hpp"
#include "server/front/socket.hpp"
#include "server/link/role_start.hpp"

namespace nigh::server {
namespace {

class Front {
 public:
  Front(asio::io_context& context, UniqueFd keeper)
      : context_(context),
        worker_(context.get_executor()),
        tunnels_(context.get_executor()),
        drain_limit_(context),
        keeper_(context.get_executor(), std::move(keeper),
                {[this](ToFront message, std::vector<UniqueFd> descriptors) {
                   std::visit([&](auto& m) { on(m, std::move(descriptors)); }, message);
                 },
                 // Without the keeper nobody can log in any more, and another keeper has its own.
                 [this](const Error&) { context_.stop(); }}) {
    worker_.on_surrender([this](const SurrenderTunnel& which, UniqueFd to) {
      tunnels_.surrender(which, std::move(to));
    });
  }

 private:
  void on(FrontSettings& settings, std::vector<UniqueFd>) {
    tls_ = unwrap(io::TlsContext::server(settings.leaf_key.expose(), settings.leaf, settings.host));
    connection_settings_ = {std::chrono::seconds(settings.login_seconds),
                            settings.streams_per_connection};
    connection_settings_.agent_binding =
        std::make_shared<const ssh::AgentBinding>(std::move(settings.agent_binding));
  }

  void on(FrontWorker&, std::vector<UniqueFd> descriptors) {
    if (descriptors.size() == 1) worker_.connect(std::move(descriptors[0]));
  }

  void on(Accepted& accepted, std::vector<UniqueFd> descriptors) {
    if (descriptors.size() != 1 || !tls_) return;
    auto source = accepted.source;
    io::spawn_logged(context_.get_executor(), std::move(source),
                     serve(std::move(accepted), std::move(descriptors[0])));
  }

  void on(Verdict& verdict, std::vector<UniqueFd>) {
    auto found = connections_.find(verdict.connection);
    if (found == connections_.end()) return;
    found->second->verdict(verdict.request, verdict.accepted,
                           {std::move(verdict.grant), std::move(verdict.user),
                            std::move(verdict.fingerprint), verdict.expires});
  }

  void on(Drain& drain, std::vector<UniqueFd>) {
    draining_ = true;
    for (auto& [id, connection] : connections_) connection->drain();
    drain_limit_.expires_after(std::chrono::seconds(drain.seconds));
    drain_limit_.async_wait([this](boost::system::error_code) { context_.stop(); });
    stop_if_drained();
  }

  void stop_if_drained() {
    if (draining_ && connections_.empty()) context_.stop();
  }

  void ask(ConnectionId connection, RequestId request, Credentials credentials) {
    if (auto* proof = std::get_if<KeyProof>(&credentials)) {
      auto exporter = connections_.at(connection)->exporter(proof->user);
      keeper_.send(Authenticate{connection, request, std::move(proof->user), std::move(proof->key),
                                std::move(proof->hash), std::move(proof->signature),
                                std::move(exporter)});
    } else {
      keeper_.send(AuthenticateToken{connection, request,
                                     std::move(std::get<BearerToken>(credentials).text)});
    }
  }

  awaitable<void> serve(Accepted accepted, UniqueFd fd) {
    auto id = accepted.connection;
    auto source = fmt::format("{} {}", accepted.source, accepted.source_port);
    Error end{Errc::closed, ""};
    bool timed_out = false;
    try {
      Connection connection(adopt_socket(context_.get_executor(), std::move(fd)), *tls_, worker_,
                            tunnels_, connection_settings_, source,
                            [this, id](RequestId r, Credentials c) { ask(id, r, std::move(c)); });
      connections_.emplace(id, &connection);
      try {
        co_await connection.run();
      } catch (...) {
        end = io::to_error(std::current_exception());
      }
      timed_out = connection.login_timed_out();
      connections_.erase(id);
    } catch (...) {
      end = io::to_error(std::current_exception());
      connections_.erase(id);
    }
    keeper_.send(Closed{id, timed_out});
    if (end.code != Errc::closed && end.code != Errc::cancelled)
      log::info("{}: connection ended: {}", source, end.message);
    else
      log::debug("{}: connection ended", source);
    stop_if_drained();
  }

  asio::io_context& context_;
  WorkerClient worker_;
  KeptTunnels tunnels_;
  std::optional<io::TlsContext> tls_;
  ConnectionSettings connection_settings_;
  std::unordered_map<ConnectionId, Connection*> connections_;  // they live in serve()'s frames
  bool draining_ = false;
  asio::steady_timer drain_limit_;
  AsyncLink<ToFront, FromFront> keeper_;
};

}  // namespace

int front_main(const char* log_level) {
  raise_descriptor_limit();
  asio::io_context context(1);
  Front front(context, begin_role("front", log_level));
  enter_sandbox();
  context.run();
  // Streams must not outlive the front that they point into: their frames end with the context,
  // which is destroyed after it. So leave without unwinding; the kernel closes what is open.
  std::fflush(nullptr);
  ::_exit(0);
}

}  // namespace nigh::server
