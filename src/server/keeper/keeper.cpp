// SPDX-License-Identifier: Apache-2.0
#include "server/keeper/keeper.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <functional>
#include <utility>

#include "base/log.hpp"
#include "wire/message.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kLeafLifetime = std::chrono::hours(7 * 24);
constexpr auto kLeafRenewal = std::chrono::hours(24);
constexpr auto kAfterExhaustion = 100ms;  // no descriptor for another connection: let some go first
constexpr int kAcceptBatch = 64;

std::int64_t unix_now() { return ::time(nullptr); }

Result<UniqueFd> watch_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return fail_errno("cannot watch for signals", errno);
  return fd;
}

// It is a client as the account's others are: the same configuration, keys and agent.
std::vector<std::string> publisher_environment() {
  return role_environment({"XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "USER", "LOGNAME", "SHELL"});
}

}  // namespace

struct Keeper::Watch {
  int fd;
  short events;
  std::function<void()> act;
};

Keeper::Keeper(Config config, ssh::PrivateKey host_key, std::optional<std::string> host_certificate,
               std::vector<Listener> listeners)
    : config_(std::move(config)),
      host_key_(std::move(host_key)),
      host_certificate_(std::move(host_certificate)),
      listeners_(std::move(listeners)),
      worker_(kWorkerRole, config_.log_level),
      publisher_(kPublishRole, config_.log_level, publisher_environment()),
      core_(config_.limits, *this) {
  for (std::uint32_t i = 0; i < config_.fronts; ++i)
    fronts_.emplace_back(kFrontRole, config_.log_level);
}

Result<void> Keeper::start() {
  auto signals = watch_signals();
  if (!signals) return std::unexpected(signals.error());
  signals_ = *std::move(signals);
  if (auto renewed = renew_leaf(); !renewed) return renewed;
  if (auto started = start_worker(); !started) return started;
  for (FrontId id = 0; id < fronts_.size(); ++id)
    if (auto started = start_front(id); !started) return started;
  return config_.publish.empty() ? Result<void>() : start_publisher();
}

// ---- the other processes -----------------------------------------------------------------------

void Keeper::to_front(FrontId front, ToFront message, std::vector<UniqueFd> descriptors) {
  if (fronts_[front].running())
    fronts_[front].link().send(wire::encode(message), std::move(descriptors));
}

void Keeper::to_worker(ToWorker message) {
  if (worker_.running()) {
    worker_.link().send(wire::encode(message));
    return;
  }
  // Who logs in while there is none does so with the next. Grants of the last went with it.
  if (std::holds_alternative<LookUpKey>(message) || std::holds_alternative<LookUpToken>(message))
    for_next_worker_.push_back(std::move(message));
}

Result<void> Keeper::renew_leaf() {
  auto chain = ssh::make_host_chain(host_key_, unix_now(), kLeafLifetime, host_certificate_);
  if (!chain) return std::unexpected(chain.error());
  auto binding = ssh::make_agent_binding(host_key_);
  if (!binding) return std::unexpected(binding.error());
  chain_ = *std::move(chain);
  agent_binding_ = *std::move(binding);
  renew_at_ = SteadyClock::now() + kLeafRenewal;
  for (auto& front : fronts_)
    if (front.running()) send_leaf(front);
  return {};
}

void Keeper::send_leaf(RoleProcess& front) {
  FrontSettings settings;
  settings.leaf_key = Secret(std::string(chain_->leaf_key_der.expose()));
  settings.leaf = chain_->leaf_der;
  settings.host = chain_->host_der;
  settings.agent_binding = agent_binding_;
  settings.login_seconds = static_cast<std::uint32_t>(config_.login.count());
  settings.streams_per_connection = config_.streams_per_connection;
  front.link().send(wire::encode(ToFront(std::move(settings))));
}

Result<void> Keeper::start_worker() {
  if (auto started = worker_.start(SteadyClock::now()); !started) return started;
  to_worker(WorkerSettings{config_.authorized_keys, config_.state_directory,
                           static_cast<std::uint32_t>(config_.token.count()), config_.processes,
                           config_.sessions, config_.session, config_.forwarding,
                           config_.channels});
  for (auto& front : fronts_)
    if (front.running()) connect_to_worker(front);
  for (auto& message : std::exchange(for_next_worker_, {})) to_worker(std::move(message));
  return {};
}

Result<void> Keeper::start_front(FrontId id) {
  auto& front = fronts_[id];
  if (auto started = front.start(SteadyClock::now()); !started) return started;
  send_leaf(front);
  connect_to_worker(front);
  return {};
}

void Keeper::connect_to_worker(RoleProcess& front) {
  auto ends = Link::make_pair();
  if (!ends || !worker_.running()) return;  // a later restart connects them
  std::vector<UniqueFd> for_front, for_worker;
  for_front.push_back(std::move(ends->first));
  for_worker.push_back(std::move(ends->second));
  worker_.link().send(wire::encode(ToWorker(WorkerFront())), std::move(for_worker));
  front.link().send(wire::encode(ToFront(FrontWorker())), std::move(for_front));
}

void Keeper::restart_what_died() {
  auto now = SteadyClock::now();
  if (!worker_.running() && worker_.restart_at() <= now && !drain_until_)
    if (auto started = start_worker(); !started) log::error("{}", started.error().message);
  for (FrontId id = 0; id < fronts_.size(); ++id)
    if (!fronts_[id].running() && fronts_[id].restart_at() <= now && !drain_until_)
      if (auto started = start_front(id); !started) log::error("{}", started.error().message);
  if (!config_.publish.empty() && !publisher_.running() && publisher_.restart_at() <= now &&
      !drain_until_)
    if (auto started = start_publisher(); !started) log::error("{}", started.error().message);
}

// ---- the loop ----------------------------------------------------------------------------------

std::vector<Keeper::Watch> Keeper::watches() {
  std::vector<Watch> all;
  all.push_back({signals_.get(), POLLIN, [this] { on_signal(); }});
  auto events = [](Link& link) {
    return static_cast<short>(link.pending() ? POLLIN | POLLOUT : POLLIN);
  };
  if (worker_.running())
    all.push_back({worker_.link().fd(), events(worker_.link()), [this] { on_worker(); }});
  for (FrontId id = 0; id < fronts_.size(); ++id)
    if (fronts_[id].running())
      all.push_back(
          {fronts_[id].link().fd(), events(fronts_[id].link()), [this, id] { on_front(id); }});
  if (publisher_.running())
    all.push_back({publisher_.link().fd(), events(publisher_.link()), [this] { on_publisher(); }});
  const bool front_running = std::ranges::any_of(fronts_, &RoleProcess::running);
  if (front_running && SteadyClock::now() >= pause_accepting_until_)
    for (auto& listener : listeners_)
      all.push_back({listener.socket.get(), POLLIN, [this, &listener] { on_listener(listener); }});
  return all;
}

int Keeper::poll_timeout() const {
  auto now = SteadyClock::now();
  auto next = renew_at_;
  if (pause_accepting_until_ > now) next = std::min(next, pause_accepting_until_);
  if (drain_until_) next = std::min(next, *drain_until_);
  if (!worker_.running() && !drain_until_) next = std::min(next, worker_.restart_at());
  for (const auto& front : fronts_)
    if (!front.running() && !drain_until_) next = std::min(next, front.restart_at());
  if (!config_.publish.empty() && !publisher_.running() && !drain_until_)
    next = std::min(next, publisher_.restart_at());
  auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now);
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

int Keeper::run() {
  while (!drained()) {
    auto all = watches();
    std::vector<pollfd> set;
    for (const auto& watch : all) set.push_back({watch.fd, watch.events, 0});
    if (::poll(set.data(), set.size(), poll_timeout()) < 0 && errno != EINTR)
      bug("the keeper's poll failed");
    for (std::size_t i = 0; i < set.size(); ++i)
      if (set[i].revents != 0) {
        all[i].act();
        if (i == 0) break;  // a signal may have closed what the rest of the set names
      }
    if (SteadyClock::now() >= renew_at_) {
      if (auto renewed = renew_leaf(); !renewed) {
        log::error("cannot renew the certificate: {}", renewed.error().message);
        renew_at_ = SteadyClock::now() + 1min;
      }
    }
    restart_what_died();
  }
  stop_all();
  return 0;
}

void Keeper::on_listener(Listener& listener) {
  // The last front may have died in this very round.
  if (std::ranges::none_of(fronts_, &RoleProcess::running)) return;
  for (int i = 0; i < kAcceptBatch; ++i) {
    auto guest = accept_from(listener);
    if (!guest) {
      log::error("{}", guest.error().message);
      pause_accepting_until_ = SteadyClock::now() + kAfterExhaustion;
      return;
    }
    if (!*guest) return;
    auto& [socket, source, port] = **guest;
    core_.accepted(std::move(socket), source, port, choose_front(), SteadyClock::now());
  }
}

FrontId Keeper::choose_front() {
  do {
    next_front_ = (next_front_ + 1) % fronts_.size();
  } while (!fronts_[next_front_].running());
  return next_front_;
}

void Keeper::on_worker() {
  auto now = SteadyClock::now();
  (void)worker_.link().flush();
  for (;;) {
    auto packet = worker_.link().receive();
    if (packet && !*packet) return;
    if (packet) {
      if (auto message = wire::decode<FromWorker>((*packet)->bytes)) {
        core_.from_worker(*std::move(message), now);
        continue;
      }
    }
    log::error("the worker has died; starting another");
    worker_.ended(now);
    core_.worker_gone();
    return;
  }
}

void Keeper::on_front(FrontId id) {
  auto now = SteadyClock::now();
  (void)fronts_[id].link().flush();
  for (;;) {
    auto packet = fronts_[id].link().receive();
    if (packet && !*packet) return;
    if (packet) {
      if (auto message = wire::decode<FromFront>((*packet)->bytes)) {
        core_.from_front(id, *std::move(message), now);
        continue;
      }
    }
    if (!drain_until_) log::error("a front has died; starting another");
    fronts_[id].ended(now);
    core_.front_gone(id);
    return;
  }
}

}  // namespace nigh::server
