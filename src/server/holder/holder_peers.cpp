// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.hpp"
#include "server/holder/holder.hpp"
#include "service/run/messages.hpp"

namespace nigh::server {
namespace {

constexpr std::size_t kMaxPeers = 200;
constexpr std::uint32_t kScrollback = 10'000;

// The directory is private already; but nobody else may ever get in here.
bool is_ours(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::getuid();
}

Trouble trouble_of(const Error& error) {
  if (error.code == Errc::not_found) return Trouble::not_found;
  if (error.code == Errc::unsupported) return Trouble::no_sessions;
  if (error.code == Errc::too_large) return Trouble::busy;
  return error.code == Errc::refused ? Trouble::not_executable : Trouble::internal;
}

WindowSize size_of(const SessionFacts& facts) {
  WindowSize size;
  size.columns = static_cast<std::uint16_t>(facts.columns);
  size.rows = static_cast<std::uint16_t>(facts.rows);
  return size;
}

session::HolderSettings settings_for(const HoldCommand& command, pid_t pid) {
  session::HolderSettings settings;
  settings.id = command.facts.id;
  settings.process = fmt::format("{}", pid);
  settings.terminal = command.facts.terminal;
  settings.keep = command.facts.keep;
  settings.may_drop = lasts(command.facts);
  settings.size = size_of(command.facts);
  const auto& given = command.settings;
  settings.capacity = settings.terminal ? given.terminal_bytes : given.pipe_bytes;
  settings.resume_time = std::chrono::seconds(given.resume_seconds);
  settings.hangup_time = std::chrono::seconds(given.hangup_seconds);
  settings.exit_time = std::chrono::seconds(given.kept_seconds);
  return settings;
}

// Ends of a signal that is sent from outside, rather than something to be reacted to.
bool is_meant_to_end(int number) {
  return number == SIGHUP || number == SIGTERM || number == SIGKILL;
}

}  // namespace

void Holder::add_peer(UniqueFd socket) {
  auto peer = peers_.emplace(peers_.end());
  peer->link.emplace(context_.get_executor(), std::move(socket),
                     Link::Events{[this, peer](ToHolder message, std::vector<UniqueFd> fds) {
                                    on_message(peer, std::move(message), std::move(fds));
                                  },
                                  [this, peer](const Error&) {
                                    peers_.erase(peer);
                                    if (!session_) end();  // it died before it said anything
                                  }});
}

void Holder::accept_peers() {
  for (;;) {
    UniqueFd socket(::accept4(listener_->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.valid()) break;
    if (is_ours(socket.get()) && peers_.size() < kMaxPeers) add_peer(std::move(socket));
  }
  listener_->arm();
}

void Holder::on_message(PeerPosition peer, ToHolder message, std::vector<UniqueFd> descriptors) {
  if (std::holds_alternative<HoldCommand>(message) == session_.has_value()) return;
  std::visit([&](auto& m) { on(peer, m, std::move(descriptors)); }, message);
}

// ---- the start ---------------------------------------------------------------------------------

void Holder::on(PeerPosition peer, HoldCommand& command, std::vector<UniqueFd> descriptors) {
  if (descriptors.size() != (command.terminal.empty() ? 3 : 4)) return end();
  auto pid = hold(command, descriptors.size() == 4 ? std::move(descriptors[3]) : UniqueFd());
  if (!pid) {
    peer->link->send(Failed{0, trouble_of(pid.error()), pid.error().message});
    return end();
  }
  peer->link->send(Holding{static_cast<std::uint32_t>(*pid)});
  log::info("session {}: process {} begins", facts_.id, *pid);
  add_client(std::move(command.client), std::move(descriptors), session::Opening::started);
}

Result<pid_t> Holder::hold(HoldCommand& command, UniqueFd terminal) {
  facts_ = command.facts;
  settings_ = command.settings;
  auto socket = directory_.listen();
  if (!socket) return fail(Errc::unsupported, socket.error().message);
  auto pid = command_.start(command, std::move(terminal));
  if (!pid) return pid;
  listener_.emplace(context_.get_executor(), *std::move(socket), io::Readiness::For::reading,
                    [this] { accept_peers(); });
  listener_->arm();
  auto settings = settings_for(command, *pid);
  if (facts_.terminal) screen_.emplace(settings.size.rows, settings.size.columns, kScrollback);
  session_.emplace(std::move(settings), static_cast<session::SessionHost&>(*this),
                   std::chrono::steady_clock::now());
  watch();
  return pid;
}

// ---- later -------------------------------------------------------------------------------------

void Holder::on(PeerPosition peer, HolderAttach& attach, std::vector<UniqueFd> descriptors) {
  if (descriptors.size() != 3) return;
  peer->link->send(HolderDone());
  log::info("session {}: {} with key {} connects", facts_.id, attach.client.address,
            attach.client.key);
  add_client(std::move(attach.client), std::move(descriptors), session::Opening::resume);
}

void Holder::on(PeerPosition peer, const HolderAsk& ask, std::vector<UniqueFd>) {
  peer->waits = ask.wait && !exit_;
  if (!peer->waits) peer->link->send(facts_now());
}

void Holder::on(PeerPosition peer, const HolderSignal& signal, std::vector<UniqueFd>) {
  const auto number = static_cast<int>(std::min(signal.number, 64u));
  if (number == SIGHUP)
    command_.hang_up();
  else
    command_.signal(number);
  if (is_meant_to_end(number) || exit_) {
    ending_ = true;
    session_->not_kept();
  }
  peer->link->send(HolderDone());
  pump_soon();
}

SessionFacts Holder::facts_now() const {
  using namespace std::chrono;
  auto facts = facts_;
  if (!facts.terminal) facts.keep |= session_->is_kept();  // somebody may have detached
  facts.clients = session_->addresses();
  facts.columns = session_->size().columns;
  facts.rows = session_->size().rows;
  auto idle = duration_cast<seconds>(steady_clock::now() - session_->last_activity());
  facts.idle_seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(idle.count(), 0));
  if (exit_) facts.exit = run::encode_exit(*exit_);
  return facts;
}

}  // namespace nigh::server
