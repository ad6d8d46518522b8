// SPDX-License-Identifier: Apache-2.0
#include "server/holder/holder.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "base/log.hpp"
#include "server/link/role_start.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::size_t kStep = 256 * 1024;  // that one output, or one client, gets at a time
constexpr std::size_t kPieces = 6;         // written to a client at once
constexpr int kInputSteps = 4;
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

// What is `copied` will be overwritten by what comes next.
void Holder::Client::send(std::span<const std::string_view> pieces, std::string_view copied) {
  if (!borrows) return out.write(pieces);
  for (auto piece : pieces) {
    if (piece.data() >= copied.data() && piece.data() < copied.data() + copied.size())
      out.write(piece);
    else
      out.lend(piece);
  }
}

void Holder::drop_client(session::ConnectionId id) {
  auto client = clients_.extract(id);
  if (!client) return;
  session_->lost(id, steady_clock::now(), client.mapped()->loss());
  log::info("session {}: {} is gone", facts_.id, client.mapped()->who.address);
}

void Holder::receive(session::ConnectionId id) {
  for (int i = 0; i < kInputSteps; ++i) {
    auto client = clients_.find(id);
    if (client == clients_.end()) return;
    auto* piece = buffer();
    auto got = client->second->in.read({piece, kStep});
    if (got.size > 0) session_->receive(id, {piece, got.size}, steady_clock::now());
    if (got.ended) drop_client(id);
    if (got.size == 0) return pump();
  }
  asio::post(context_, [this, id] { receive(id); });
  pump();
}

char* Holder::buffer() {
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kStep);
  return buffer_.get();
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

// ---- bytes -------------------------------------------------------------------------------------

void Holder::pump_soon() {
  if (std::exchange(pump_due_, true)) return;
  asio::post(context_, [this] {
    pump_due_ = false;
    pump();
  });
}

void Holder::pump() {
  if (!session_) return;
  read_output(Channel::out);
  if (!command_.is_terminal()) read_output(Channel::err);
  write_input();
  send_to_clients();
  busy_ = true;
  set_timer();
  const bool over = session_->finished() || (ending_ && exit_);
  if (over && clients_.empty()) end();
}

void Holder::read_output(Channel output) {
  std::size_t total = 0;
  while (command_.may_read(output) && session_->wants_output(output)) {
    if (total >= kStep) return pump_soon();  // clients want their turn
    auto room = session_->output_room(output);
    if (room.empty()) return;
    auto got = command_.read(output, room);
    // A command that has ended said all that it had to say; who else holds the terminal open is not
    // waited for.
    const bool drained = got.size == 0 && exit_ && command_.is_terminal();
    if (got.size > 0) {
      if (screen_) screen_->feed({room.data(), got.size});
      session_->output(output, got.size, steady_clock::now());
    }
    if (drained) command_.close_output(output);
    if (got.ended || drained) session_->output_ended(output);
    total += got.size;
  }
}

// Straight into the pipe: most of it is never kept here.
std::size_t Holder::take_input(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    auto written = command_.write(bytes.substr(taken));
    if (written == 0) break;
    taken += written;
  }
  return taken;
}

void Holder::write_input() {
  for (auto bytes = session_->input(); !bytes.empty(); bytes = session_->input()) {
    auto written = command_.write(bytes);
    if (written == 0) break;
    session_->input_written(written);
  }
  if (session_->input_ended() && command_.end_input()) session_->input_end_done();
  if (!command_.input_open()) session_->input_closed();
}

void Holder::send_to_clients() {
  std::vector<session::ConnectionId> over;
  for (auto& [id, client] : clients_) {
    while (client->out.open() && client->out.queued() == 0 && session_->has_output(id)) {
      std::array<std::string_view, kPieces> pieces;
      auto count = session_->gather(id, {buffer(), kStep}, pieces);
      if (count == 0) break;
      client->send(std::span<const std::string_view>(pieces).first(count), {buffer(), kStep});
    }
    const bool done =
        session_->is_over(id) && !session_->has_output(id) && client->out.queued() == 0;
    if (client->broken || done) over.push_back(id);
  }
  for (auto id : over) drop_client(id);
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
