// SPDX-License-Identifier: Apache-2.0
#include "server/keeper/core.hpp"

#include <utility>

#include "base/log.hpp"
#include "ssh/random.hpp"
#include "ssh/sshsig.hpp"

namespace nigh::server {
namespace {

constexpr std::string_view kNamespace = "nigh-auth-v1";
constexpr std::size_t kExporterSize = 32;
// Of what other processes say: no message that follows from theirs may outgrow a packet.
constexpr std::size_t kMaxUser = 256;
constexpr std::size_t kMaxWord = 128;  // a grant, a fingerprint
constexpr int kMostWorkers = 3;        // that one login is put to

bool in_bounds(const LookedUp& answer) {
  return answer.user.size() <= kMaxUser && answer.grant.size() <= kMaxWord &&
         answer.fingerprint.size() <= kMaxWord;
}

// Did the holder of the key sign this connection's exporter value, for nothing else?
Result<void> check_proof(const Authenticate& proof, const LookedUp& answer) {
  if (proof.exporter.size() != kExporterSize)
    return fail(Errc::malformed, "the exporter value has the wrong size");
  auto key = ssh::parse_public_key(proof.key);
  if (!key) return std::unexpected(key.error());
  ssh::Sshsig sshsig{*std::move(key), std::string(kNamespace), proof.hash, proof.signature};
  ssh::VerifyOptions options;
  options.require_presence = answer.touch_required;
  options.require_verification = answer.verify_required;
  return ssh::verify_sshsig(sshsig, kNamespace, proof.exporter, options);
}

}  // namespace

void KeeperCore::accepted(UniqueFd socket, const std::string& source, std::uint16_t port,
                          FrontId front, Time now) {
  if (limits_.penalties && penalties_.turned_away(source, now)) {
    log::debug("{} is turned away for its failures", source);
    return;
  }
  if (unauthenticated_ >= limits_.unauthenticated) {
    log::warning("{} is turned away: {} connections have not authenticated yet", source,
                 unauthenticated_);
    return;
  }
  auto id = next_connection_++;
  connections_.emplace(id, Connection{front, source});
  ++unauthenticated_;
  std::vector<UniqueFd> descriptors;
  descriptors.push_back(std::move(socket));
  actions_.to_front(front, Accepted{id, source, port}, std::move(descriptors));
}

KeeperCore::Connection* KeeperCore::owned(FrontId front, ConnectionId id) {
  auto found = connections_.find(id);
  return found != connections_.end() && found->second.front == front ? &found->second : nullptr;
}

// One login at a time a connection: a front that asks again before the answer is not ours.
KeeperCore::Connection* KeeperCore::stranger(FrontId front, ConnectionId id) {
  auto* connection = owned(front, id);
  return connection != nullptr && !connection->authenticated && !connection->asking ? connection
                                                                                    : nullptr;
}

void KeeperCore::from_front(FrontId front, FromFront message, Time now) {
  std::visit([&](auto& m) { on(front, std::move(m), now); }, message);
}

void KeeperCore::on(FrontId front, Authenticate message, Time /*now*/) {
  auto* connection = stranger(front, message.connection);
  if (connection == nullptr || message.user.size() > kMaxUser ||
      message.key.size() > ssh::kMaxKeyBlob)
    return;
  ask({message.connection, message.request, std::move(message), ""});
}

void KeeperCore::on(FrontId front, AuthenticateToken message, Time /*now*/) {
  auto* connection = stranger(front, message.connection);
  if (connection == nullptr) return;
  ask({message.connection, message.request, {}, ssh::sha256(message.token.expose())});
}

void KeeperCore::on(FrontId front, Closed message, Time now) {
  auto* connection = owned(front, message.connection);
  if (connection == nullptr) return;
  if (!connection->authenticated && (connection->failed_once || message.login_timeout)) {
    penalties_.add(connection->source,
                   message.login_timeout ? Penalties::kLoginTimeout : Penalties::kFailedLogin, now);
    log::info("{} left without logging in{}", connection->source,
              message.login_timeout ? ": the time was up" : "");
  }
  if (!connection->grant.empty()) actions_.to_worker(ReleaseGrant{connection->grant});
  forget(message.connection);
}

void KeeperCore::ask(Login login) {
  const auto id = next_login_++;
  auto& connection = connections_.at(login.connection);
  connection.asking = true;
  ++login.workers;
  const auto& remembered = logins_.emplace(id, std::move(login)).first->second;
  if (remembered.by_token())
    actions_.to_worker(LookUpToken{id, remembered.token_hash, connection.source});
  else
    actions_.to_worker(
        LookUpKey{id, remembered.proof.user, remembered.proof.key, connection.source});
}

void KeeperCore::from_worker(FromWorker message, Time /*now*/) {
  auto& answer = std::get<LookedUp>(message);
  auto found = logins_.extract(answer.request);
  if (!found) return;
  if (!in_bounds(answer)) answer = {answer.request, false, "the worker's answer is out of bounds"};
  settle(found.mapped(), answer);
}

void KeeperCore::settle(const Login& login, const LookedUp& answer) {
  auto found = connections_.find(login.connection);
  Result<void> proven;
  if (answer.found && !login.by_token()) proven = check_proof(login.proof, answer);
  const bool gone = found == connections_.end() || found->second.authenticated;
  if (answer.found && (!proven || gone)) actions_.to_worker(ReleaseGrant{answer.grant});
  if (gone) return;
  auto& connection = found->second;
  connection.failed_once |= !answer.found || !proven;
  if (!answer.found) return refuse(login, answer.user, answer.reason);
  if (!proven) return refuse(login, answer.user, proven.error().message);

  connection.asking = false;
  connection.authenticated = true;
  connection.grant = answer.grant;
  --unauthenticated_;
  log::info("{} logged in as {} with {} {}", connection.source, answer.user,
            login.by_token() ? "a token of key" : "key", answer.fingerprint);
  actions_.to_front(connection.front,
                    Verdict{login.connection, login.request, true, answer.grant, answer.user,
                            answer.fingerprint, answer.expires},
                    {});
}

void KeeperCore::refuse(const Login& login, const std::string& user, const std::string& reason) {
  auto& connection = connections_.at(login.connection);
  connection.asking = false;
  log::info("{} is not let in as {}: {}", connection.source, user, reason);
  actions_.to_front(connection.front, Verdict{login.connection, login.request}, {});
}

void KeeperCore::forget(ConnectionId id) {
  auto found = connections_.find(id);
  if (!found->second.authenticated) --unauthenticated_;
  connections_.erase(found);
}

void KeeperCore::front_gone(FrontId front) {
  std::vector<ConnectionId> lost;
  for (const auto& [id, connection] : connections_)
    if (connection.front == front) lost.push_back(id);
  for (auto id : lost) {
    if (const auto& grant = connections_.at(id).grant; !grant.empty())
      actions_.to_worker(ReleaseGrant{grant});
    forget(id);
  }
}

// Whoever waited for an answer gets it from the next worker: to a client a refusal would be final.
// But a question that workers die of is not asked for ever.
void KeeperCore::worker_gone() {
  for (auto& [id, login] : std::exchange(logins_, {})) {
    if (!connections_.contains(login.connection)) continue;
    if (login.workers < kMostWorkers)
      ask(std::move(login));
    else
      refuse(login, login.proof.user, "the worker died");
  }
  for (auto& [id, connection] : connections_) connection.grant.clear();
}

}  // namespace nigh::server
