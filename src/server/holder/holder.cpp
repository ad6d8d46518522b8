// SPDX-License-Identifier: Apache-2.0
#include "server/holder/holder.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/log.hpp"
#include "server/link/role_start.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kBeforeRest = 2s;
constexpr auto kStopGrace = 3s;
constexpr auto kWatch = 10min;

}  // namespace

Holder::Holder(asio::io_context& context, UniqueFd link, const std::string& directory)
    : context_(context),
      directory_(directory),
      command_(context.get_executor(),
               {[this] { pump(); }, [this](const ExitStatus& exit) { on_exit(exit); }}),
      timer_(context),
      rest_timer_(context),
      watch_timer_(context),
      stopping_(context) {
  add_peer(std::move(link));
}

// ---- clients -----------------------------------------------------------------------------------

Holder::Client::Client(Holder& holder, session::ConnectionId id, HolderClient client,
                       UniqueFd socket, UniqueFd farewell_from, UniqueFd output)
    : who(std::move(client)),
      farewell(std::move(farewell_from)),
      in(holder.context_.get_executor(), std::move(socket), [&holder, id] { holder.receive(id); }),
      out(holder.context_.get_executor(), std::move(output),
          io::FdSink::Events{[&holder](std::size_t) { holder.pump_soon(); },
                             [this, &holder](int) {
                               broken = true;
                               holder.pump_soon();
                             },
                             [] {}}) {}

// How it ended, once the socket has.
session::Loss Holder::Client::loss() const {
  std::uint64_t said = 0;
  return ::read(farewell.get(), &said, sizeof said) == sizeof said ? session::Loss::left
                                                                   : session::Loss::cut;
}

// Pages that a pipe has borrowed must stay as they are until the client has read them. They do for
// who started a command that ends with it: nothing is dropped that it has not acknowledged.
void Holder::add_client(HolderClient who, std::vector<UniqueFd> ends, session::Opening opening) {
  newcomer_ = &who;
  session::Visitor visitor{who.address, std::string(who.token.expose()), who.only_attachment};
  auto id = session_->connect(std::move(visitor), opening, steady_clock::now());
  newcomer_ = nullptr;
  who.token = Secret();
  const bool first = opening == session::Opening::started || who.only_attachment == 1;
  auto client = std::make_unique<Client>(*this, id, std::move(who), std::move(ends[0]),
                                         std::move(ends[1]), std::move(ends[2]));
  client->borrows = first && !lasts(facts_);
  clients_[id] = std::move(client);
  receive(id);
}

void Holder::drop_client(session::ConnectionId id) {
  auto client = clients_.extract(id);
  if (!client) return;
  session_->lost(id, steady_clock::now(), client.mapped()->loss());
  log::info("session {}: {} is gone", facts_.id, client.mapped()->who.address);
}

void Holder::attached(session::ConnectionId connection, session::AttachmentId attachment) {
  auto found = clients_.find(connection);
  const auto& who = found != clients_.end() ? found->second->who : *newcomer_;
  log::info("session {}: {} with key {} attaches as {}", facts_.id, who.address, who.key,
            attachment);
  // Without it the client comes back with its key, if it has to.
  if (auto added = directory_.add_token(attachment, who); !added)
    log::warning("session {}: {}", facts_.id, added.error().message);
}

// ---- the command -------------------------------------------------------------------------------

void Holder::hang_up() {
  log::info("session {}: is hung up", facts_.id);
  command_.hang_up();
}

void Holder::resize(const WindowSize& size) {
  command_.resize(size);
  if (screen_) screen_->resize(size.rows, size.columns);
}

std::string Holder::repaint(std::uint32_t scrollback_lines, session::Repaint why) {
  if (!screen_) return "";
  return screen_->repaint(scrollback_lines, why == session::Repaint::attached
                                                ? terminal::PaintFrom::cursor
                                                : terminal::PaintFrom::top_left);
}

void Holder::on_exit(const ExitStatus& exit) {
  exit_ = exit;
  log::info("session {}: its command has ended with {}", facts_.id, exit.shell_status());
  session_->exited(exit, steady_clock::now());
  for (auto& peer : peers_)
    if (std::exchange(peer.waits, false)) peer.link->send(facts_now());
  pump_soon();
}

// ---- time --------------------------------------------------------------------------------------

void Holder::set_timer() {
  if (!std::exchange(rest_due_, true)) {
    rest_timer_.expires_after(kBeforeRest);
    rest_timer_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) rest();
    });
  }
  auto at = session_->deadline();
  if (at == timer_at_) return;
  timer_at_ = at;
  timer_.cancel();
  if (!at) return;
  timer_.expires_at(*at);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    timer_at_.reset();
    session_->tick(steady_clock::now());
    pump();
  });
}

// Nothing has happened for a moment: what was for bursts goes back to the system.
void Holder::rest() {
  rest_due_ = false;
  if (std::exchange(busy_, false)) {
    set_timer();
    return;
  }
  buffer_.reset();
  session_->settle();
  if (screen_) screen_->settle();
  ::malloc_trim(0);
}

// Sessions that nobody uses, or can reach, do not stay for ever.
void Holder::watch() {
  auto idle = steady_clock::now() - session_->last_activity();
  const bool limited = settings_.idle_seconds > 0;
  const bool too_idle = limited && session_->addresses().empty() &&
                        idle >= std::chrono::seconds(settings_.idle_seconds);
  if (too_idle || !directory_.exists()) {
    log::info("session {}: {}", facts_.id,
              too_idle ? "nobody has used it for long" : "its directory is gone");
    stop();
  }
  watch_timer_.expires_after(limited ? std::min<steady_clock::duration>(
                                           kWatch, std::chrono::seconds(settings_.idle_seconds))
                                     : kWatch);
  watch_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) watch();
  });
}

// ---- the end -----------------------------------------------------------------------------------

void Holder::stop() {
  if (!session_) return end();
  command_.hang_up();
  ending_ = true;
  session_->not_kept();
  stopping_.expires_after(kStopGrace);
  stopping_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) end();
  });
  pump_soon();
}

void Holder::end() {
  log::debug("session {}: ends", facts_.id);
  directory_.remove();
  context_.stop();
}

int holder_main(const char* log_level) {
  auto link = begin_role("holder", log_level);
  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  UniqueFd signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.valid()) throw Failure(errno_error("cannot watch for signals", errno));
  asio::io_context context(1);
  Holder holder(context, std::move(link), std::filesystem::current_path());
  io::Readiness stopped(context.get_executor(), std::move(signals), io::Readiness::For::reading,
                        [&] { holder.stop(); });
  stopped.arm();
  context.run();
  std::fflush(nullptr);
  ::_exit(0);
}

}  // namespace nigh::server
