// SPDX-License-Identifier: Apache-2.0
#include "server/worker/worker.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <ctime>

#include "base/log.hpp"
#include "base/text.hpp"
#include "io/runtime.hpp"
#include "server/link/role_start.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

constexpr auto kStopGrace = 3s;

std::int64_t unix_now() { return ::time(nullptr); }

void hang_up(const io::Child& child) {
  child.signal(SIGHUP);
  child.signal(SIGCONT);  // a stopped process would not notice
}

std::string described(const SpawnSpec& spec) {
  std::string line;
  for (const auto& word : spec.argv) line += (line.empty() ? "" : " ") + word;
  return printable(shortened(line));
}

}  // namespace

Worker::Worker(asio::io_context& context, UniqueFd keeper, RoleProgram roles)
    : context_(context),
      roles_(std::move(roles)),
      account_(unwrap(own_account())),
      dialer_(context.get_executor()),
      keeper_(context.get_executor(), std::move(keeper),
              {[this](ToWorker message, std::vector<UniqueFd> descriptors) {
                 from_keeper(std::move(message), std::move(descriptors));
               },
               // Without a keeper nobody can log in, and nobody could end us later.
               [this](const Error&) { stop(); }}) {}

void Worker::from_keeper(ToWorker message, std::vector<UniqueFd> descriptors) {
  if (const auto* settings = std::get_if<WorkerSettings>(&message)) return configure(*settings);
  if (std::holds_alternative<WorkerFront>(message) && descriptors.size() == 1)
    return add_front(std::move(descriptors[0]));
  if (std::holds_alternative<StopWorker>(message)) return stop();
  if (!grants_) return;
  if (const auto* key = std::get_if<LookUpKey>(&message))
    keeper_.send(grants_->look_up(*key, unix_now()));
  if (const auto* token = std::get_if<LookUpToken>(&message))
    keeper_.send(grants_->look_up(*token, unix_now()));
  if (const auto* release = std::get_if<ReleaseGrant>(&message)) grants_->release(release->grant);
}

void Worker::configure(const WorkerSettings& settings) {
  tokens_.emplace(settings.state_directory);
  account_.agents = settings.state_directory + "/agent";
  listeners_.keep_agents_in(account_.agents);
  sessions_.emplace(context_, account_, settings, roles_);
  channels_.emplace(context_, settings.state_directory, settings.channels, roles_);
  published_.emplace(settings.state_directory + "/published");
  grants_.emplace(account_, settings.authorized_keys, *tokens_, sessions_->store());
  token_seconds_ = settings.token_seconds;
  max_processes_ = settings.processes;
  forwarding_ = settings.forwarding;
}

void Worker::add_front(UniqueFd socket) {
  auto front = fronts_.emplace(fronts_.end());
  front->link.emplace(
      context_.get_executor(), std::move(socket),
      FrontLink::Events{[this, front](FrontToWorker message, std::vector<UniqueFd>) {
                          std::visit([&](const auto& m) { on(front, m); }, message);
                        },
                        [this, front](const Error&) { drop_front(front); }});
}

void Worker::drop_front(FrontPosition front) {
  for (auto& [id, child] : front->processes) hang_up(child);
  if (sessions_) sessions_->abandon_all(&*front);
  if (channels_) channels_->abandon_all(&*front);
  dialer_.abandon_all(&*front);
  listeners_.close_all(&*front);
  if (published_) published_->close_all(&*front);
  // The processes may take their time; their children's ends are still ours to collect.
  front->link.reset();
  if (front->processes.empty()) fronts_.erase(front);
}

void Worker::stop() {
  if (stopping_) return;
  for (auto& front : fronts_)
    for (auto& [id, child] : front.processes) hang_up(child);
  stopping_.emplace(context_, kStopGrace);
  stopping_->async_wait([this](boost::system::error_code) { context_.stop(); });
  stop_if_idle();
}

void Worker::stop_if_idle() {
  if (stopping_ && processes_ == 0) context_.stop();
}

// ---- what fronts ask for -----------------------------------------------------------------------

std::expected<const Grant*, Refusal> Worker::granted(const GrantId& id) const {
  if (const auto* grant = grants_ ? grants_->find(id, unix_now()) : nullptr) return grant;
  return refuse(Trouble::unauthorized, "the key or token of this connection is no longer valid");
}

std::expected<const Grant*, Refusal> Worker::granted_all(const GrantId& id) const {
  auto grant = granted(id);
  if (grant && (*grant)->only)
    return refuse(Trouble::not_permitted,
                  fmt::format("this token is good for session {} alone", (*grant)->only->session));
  return grant;
}

void Worker::on(FrontPosition front, const Start& message) {
  refuse_unless(front, message.request, start(front, message));
}

void Worker::on(FrontPosition front, const StartFiles& message) {
  refuse_unless(front, message.request, start(front, message));
}

void Worker::refuse_unless(FrontPosition front, RequestId request, const Refused& done) {
  if (!done)
    front->link->send(Failed{request, done.error().trouble, shortened(done.error().message)});
}

std::expected<const Grant*, Refusal> Worker::admit(FrontPosition front, RequestId request,
                                                   const GrantId& id) const {
  auto grant = granted_all(id);
  if (!grant) return grant;
  if (front->processes.contains(request))
    return refuse(Trouble::bad_request, "that process runs already");
  if (auto room = has_room(); !room) return std::unexpected(room.error());
  return grant;
}

Refused Worker::has_room() const {
  auto running = processes_ + sessions_->running();
  if (running < max_processes_) return {};
  return refuse(Trouble::busy,
                fmt::format("{} commands run already, and more are not allowed", running));
}

Refused Worker::start(FrontPosition front, const Start& message) {
  auto grant = admit(front, message.request, message.grant);
  if (!grant) return std::unexpected(grant.error());
  const auto& options = (*grant)->options;
  if (message.terminal)
    if (auto allowed = may_have_terminal(options); !allowed) return allowed;

  auto streams = message.terminal ? open_terminal(*message.terminal) : open_pipes();
  if (!streams) return refuse(streams.error());
  auto spec = plan_process(message, options, account_, streams->terminal);
  if (!spec) return std::unexpected(std::move(spec).error());
  auto pid = launch(front, message.request, *spec, *std::move(streams));
  if (!pid) return std::unexpected(std::move(pid).error());
  restore_descriptor_limit(*pid);
  log::info("{}: key {}: process {}: {}", (*grant)->source, (*grant)->fingerprint, *pid,
            described(*spec));
  return {};
}

Refused Worker::start(FrontPosition front, const StartFiles& message) {
  auto grant = admit(front, message.request, message.grant);
  if (!grant) return std::unexpected(grant.error());
  auto spec = plan_files(message, (*grant)->options, account_, roles_);
  if (!spec) return std::unexpected(std::move(spec).error());
  auto streams = open_file_pipes();
  if (!streams) return refuse(streams.error());
  auto pid = launch(front, message.request, *spec, *std::move(streams));
  if (!pid) return std::unexpected(std::move(pid).error());
  log::info("{}: key {}: process {}: files", (*grant)->source, (*grant)->fingerprint, *pid);
  return {};
}

std::expected<pid_t, Refusal> Worker::launch(FrontPosition front, RequestId id, SpawnSpec& spec,
                                             Streams streams) {
  streams.give_to(spec);
  auto pid = spawn(spec);
  if (!pid) return refuse(pid.error());
  ++processes_;
  try {
    front->processes.try_emplace(
        id, context_.get_executor(), *pid,
        [this, front, id](io::ChildStatus status) { exited(front, id, status); });
  } catch (const std::exception&) {  // it cannot be watched, so it must not run
    --processes_;
    ::kill(-*pid, SIGKILL);
    ::waitpid(*pid, nullptr, 0);
    return refuse(Trouble::busy, "too many commands run already");
  }
  front->link->send(Started{id, static_cast<std::uint32_t>(*pid)}, std::move(streams.ours));
  return *pid;
}

void Worker::exited(FrontPosition front, RequestId process, io::ChildStatus status) {
  --processes_;
  log::debug("process {} ended", front->processes.at(process).pid());
  // Not from within the child's own callback.
  asio::post(context_, [this, front, process] {
    front->processes.erase(process);
    if (!front->link && front->processes.empty()) fronts_.erase(front);
    stop_if_idle();
  });
  if (front->link)
    front->link->send(Exited{process, static_cast<std::uint32_t>(status.code),
                             static_cast<std::uint32_t>(status.signal), status.core_dumped});
}

void Worker::on(FrontPosition front, const SendSignal& message) {
  auto found = front->processes.find(message.process);
  if (found != front->processes.end() && message.number > 0 &&
      message.number < static_cast<std::uint32_t>(SIGRTMIN))
    found->second.signal(static_cast<int>(message.number));
}

void Worker::on(FrontPosition front, const Abandon& message) {
  auto found = front->processes.find(message.process);
  if (found != front->processes.end()) return hang_up(found->second);
  if (dialer_.abandon(&*front, message.process)) return;
  listeners_.close(&*front, message.process);
  if (published_) published_->close({&*front, message.process});
  if (channels_) channels_->abandon(&*front, message.process);
  if (sessions_) sessions_->abandon(&*front, message.process);
}

void Worker::on(FrontPosition front, const IssueToken& message) {
  refuse_unless(front, message.request, issue(front, message));
}

void Worker::on(FrontPosition front, const RevokeToken& message) {
  refuse_unless(front, message.request, revoke(front, message));
}

Refused Worker::issue(FrontPosition front, const IssueToken& message) {
  auto grant = granted_all(message.grant);
  if (!grant) return std::unexpected(grant.error());
  const auto& [options, key, fingerprint, source, token_id, expires, only] = **grant;
  if (options.restricted)
    return refuse(Trouble::not_permitted, "this key is restricted and may not make tokens");
  if (!token_id.empty()) return refuse(Trouble::not_permitted, "a token cannot make another token");
  auto until = std::min(unix_now() + std::min(message.seconds, token_seconds_), expires);
  auto issued = tokens_->issue(account_.name, key, until, unix_now());
  if (!issued) return refuse(issued.error());
  log::info("{}: key {}: made token {}", source, fingerprint, issued->id);
  front->link->send(TokenIssued{message.request, issued->id, std::move(issued->token), until});
  return {};
}

Refused Worker::revoke(FrontPosition front, const RevokeToken& message) {
  auto found = granted_all(message.grant);
  if (!found) return std::unexpected(found.error());
  const auto* grant = *found;
  // A restricted key, or a token, reaches only the tokens of its own key.
  const bool only_own = grant->options.restricted || !grant->token_id.empty();
  auto revoked = tokens_->revoke(message.id, only_own ? grant->key : "", unix_now());
  if (!revoked) return refuse(revoked.error());
  if (!*revoked)
    return refuse(Trouble::not_found,
                  fmt::format("there is no token {}", shortened(printable(message.id))));
  log::info("{}: key {}: revoked token {}", grant->source, grant->fingerprint, message.id);
  sessions_->store().revoke(message.id);
  grants_->release_token(message.id);
  front->link->send(TokenRevoked{message.request});
  return {};
}

// ---- the process -------------------------------------------------------------------------------

int worker_main(const char* log_level) {
  asio::io_context context(1);
  raise_descriptor_limit();
  Worker worker(context, begin_role("worker", log_level), {.log_level = log_level});
  context.run();
  return 0;
}

}  // namespace nigh::server
