// SPDX-License-Identifier: Apache-2.0
// A session stream: what is done on a connection, and what the caller does.
#include "client/session_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

#include "client/answers.hpp"
#include "client/connect.hpp"
#include "client/early_body.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How long the last words may take, ours or the server's.
constexpr auto kFarewell = 1s;
// What is received beyond what the reader took; the server keeps the rest.
constexpr std::size_t kMaxUnread = 1 << 20;

double chance() {
  thread_local std::minstd_rand engine(std::random_device{}());
  return std::uniform_real_distribution<double>()(engine);
}

Command as_session(Command command) {
  command.resume = true;
  return command;
}

session::AttachRequest request_of(const AttachOptions& options) {
  session::AttachRequest request{options.scrollback, options.read_only, options.tail, {}};
  if (options.pty) request.size = options.pty->size;
  return request;
}

}  // namespace

SessionStream::SessionStream(std::shared_ptr<Connection> connection,
                             std::shared_ptr<const void> owner, const Command& command)
    : ProcessStream(connection->executor()),
      session_(spec_of(as_session(command)), *this),
      stays_(command.keep),
      only_watches_(false),
      spec_size_(spec_of(as_session(command)).size()),
      owner_(std::move(owner)),
      connection_(std::move(connection)),
      watch_(Clock::now()),
      pace_(chance),
      alarm_(executor()) {}

SessionStream::SessionStream(std::shared_ptr<Connection> connection,
                             std::shared_ptr<const void> owner, std::string id,
                             const AttachOptions& options)
    : ProcessStream(connection->executor()),
      session_(request_of(options), *this),
      stays_(true),
      only_watches_(options.read_only),
      id_(std::move(id)),
      owner_(std::move(owner)),
      connection_(std::move(connection)),
      watch_(Clock::now()),
      pace_(chance),
      alarm_(executor()) {}

SessionStream::~SessionStream() = default;

// ---- the conversation --------------------------------------------------------------------------

void SessionStream::start() {
  if (stays_) session_.hold_exit();
  auto ended = [self = shared_from_this()](std::exception_ptr failure) { self->finish(failure); };
  asio::co_spawn(executor(), converse(shared_from_this()), std::move(ended));
}

awaitable<void> SessionStream::converse(std::shared_ptr<SessionStream> self) {
  self->make_carrier();
  for (;;) {
    std::shared_ptr<Connection> found;
    co_await io::until_either(self->talk(), self->guard(found));
    if (!found) co_return;
    self->switch_to(std::move(found));
  }
}

void SessionStream::finish(const std::exception_ptr& failure) {
  if (failure)
    failed(io::to_error(failure));
  else if (session_.exit())
    closed();
  else if (left_)
    failed(*left_);
  else
    failed({Errc::closed,
            fmt::format("{} ended the session's stream: {}", connection_->endpoint().address(),
                        session_.detached().value_or("it does not say why"))});
  network_.reset();
  source_.reset();
  carrier_.reset();
  if (!owner_) connection_->close();
  owner_.reset();
}

void SessionStream::make_carrier() {
  SessionCarrier::Hooks hooks;
  hooks.on_sent = [this] { on_sent(); };
  hooks.more_input = [this] { return take_input(); };
  hooks.may_receive = [this] { return unread_ < kMaxUnread; };
  hooks.may_end = [this] { return !holds_exit(); };
  hooks.on_end = [this] { said_all(); };
  hooks.on_change = [this] {
    if (session_.exit() && !over()) exited(*session_.exit());
    changed_.notify_all();
  };
  carrier_.emplace(connection_, session_, std::move(hooks));
}

// The server has only to hear of it: who waits for the command need not wait for that. From the
// loop, when the line's writer has handed it to the kernel.
void SessionStream::said_all() {
  asio::post(executor(), [self = shared_from_this()] {
    if (self->session_.exit() && !self->left_) self->closed();
  });
}

void SessionStream::switch_to(std::shared_ptr<Connection> connection) {
  carrier_.reset();
  if (!owner_) connection_->close();
  owner_.reset();
  connection_ = std::move(connection);
  start_pump(connection_);
  broken_.reset();
  watch_ = ContactWatch(Clock::now());
  make_carrier();
}

// Ends when there is nothing more to say.
awaitable<void> SessionStream::talk() {
  co_await io::until_either(talk_to_the_end(), say_goodbye());
}

awaitable<void> SessionStream::talk_to_the_end() {
  try {
    co_await introduce();
  } catch (const Failure& failure) {
    if (!can_go_on_after(failure)) throw;
    lose(failure.error());
  }
  while (!(session_.is_over() || left_) || !carrier_->ended()) {
    if (carrier_->wrong()) throw Failure(*carrier_->wrong());
    if (carrier_->broken()) {
      if (!session_.is_resumable()) throw Failure(*carrier_->broken());
      lose(*carrier_->broken());
    }
    co_await changed_.wait();
  }
}

std::string SessionStream::path() const {
  return id_.empty() ? "/v1/sessions" : "/v1/sessions/" + id_;
}

awaitable<void> SessionStream::introduce() {
  auto& connection = *connection_;
  co_await connection.ready();
  if (session_.is_resumable()) {
    // Worth this session only, and no key has to be touched for it.
    http2::Fields proof;  // whoever sends it wipes it: no list that would copy the token
    proof.reserve(3);
    proof.push_back({"nigh-user", connection.endpoint().user});
    proof.push_back({"authorization", "Bearer " + session_.started()->session->resume_token, true});
    tell_way(connection, proof);
    auto outcome = co_await carrier_->send(path(), std::move(proof));
    if (outcome.status == 200) co_return;
    if (outcome.status != 401) throw Failure(parse_problem(outcome.status, outcome.body));
  }
  // Before it knows us a server hears only a little: prove who we are with a smaller request.
  if (spec_size_ > kEarlyBytes && !connection.authenticator().proved())
    co_await fetch(connection, "GET", "/v1/");
  auto send = [this](const http2::Fields& proof) { return carrier_->send(path(), proof); };
  co_await send_with_proof(connection, send);
}

// What is wrong with a connection, or with the server for now, is different on the next one.
bool SessionStream::can_go_on_after(const Failure& failure) const {
  if (!session_.is_resumable() || session_.is_over()) return false;
  if (carrier_->broken() || connection_->failure()) return true;
  switch (failure.code()) {
    case Errc::timeout:
    case Errc::unavailable:
    case Errc::closed:
    case Errc::system:
      return true;
    default:
      return false;
  }
}

awaitable<void> SessionStream::say_goodbye() {
  while (!left_ && (!session_.is_over() || holds_exit())) co_await changed_.wait();
  if (broken_) co_return;
  asio::steady_timer timer(executor(), kFarewell);
  co_await timer.async_wait(asio::use_awaitable);
}

// ---- what arrives ------------------------------------------------------------------------------

void SessionStream::on_started() {
  if (session_.is_resumable()) id_ = session_.started()->session->id;
  began(session_.is_resumable() ? id_ : "");
  regained();
}

void SessionStream::on_output(Channel channel, std::string_view piece) {
  if (failure()) return;  // the caller is gone
  unread_ += piece.size();
  output(channel, piece);
}

void SessionStream::consume(std::size_t count) {
  unread_ -= std::min(count, unread_);
  if (!carrier_ || !carrier_->has_waiting() || unread_ >= kMaxUnread) return;
  // From the loop: whoever consumes may be in the middle of writing, and what comes goes behind it.
  if (std::exchange(receive_soon_, true)) return;
  asio::post(executor(), [self = shared_from_this()] {
    self->receive_soon_ = false;
    if (self->carrier_) self->carrier_->receive();
  });
}

// Who reads learns the end, and need not be waited for by the server any more.
void SessionStream::on_reader() {
  if (std::exchange(has_reader_, true) || left_) return;
  session_.confirm_exit();
  flush();
  changed_.notify_all();
}

// ---- what the caller does ----------------------------------------------------------------------

void SessionStream::flush() {
  if (carrier_) carrier_->resume();
}

void SessionStream::leave(const Error& why) {
  left_ = why;
  source_.reset();
  flush();
  changed_.notify_all();
}

void SessionStream::end(const Error& why) {
  if (!left_ && (!over() || holds_exit())) {
    if (stays_) {
      session_.detach();
    } else {
      session_.hang_up();
      if (carrier_) carrier_->finish();
    }
    leave(why);
  }
  failed(why);
}

void SessionStream::detach() {
  if (left_ || (over() && !holds_exit())) return;
  session_.detach();
  leave({Errc::cancelled, "detached"});
}

awaitable<void> SessionStream::write(std::string_view bytes, Last last) {
  if (only_watches_) throw Failure(Errc::refused, "who only watches a session cannot type");
  for (;;) {
    if (failure()) throw Failure(*failure());
    auto taken = session_.write(bytes);
    bytes.remove_prefix(taken);
    if (bytes.empty() && last == Last::yes) session_.end_input();
    flush();
    if (taken > 0) input_came();
    if (bytes.empty()) co_return;
    if (over()) throw Failure(Errc::closed, "the command ended before it read all of its input");
    co_await changed_.wait();
  }
}

void SessionStream::close_input() {
  session_.end_input();
  flush();
}

void SessionStream::send_input(UniqueFd fd) {
  if (only_watches_) return;
  source_waits_ = false;
  source_.emplace(executor(), std::move(fd), [this] {
    source_waits_ = false;
    // Also what is typed while there is no contact is taken: somebody waits for it.
    while (lost_at_ && take_input()) {
    }
    flush();
    input_came();
  });
  flush();
}

// False: there is nothing now, or no window for it.
bool SessionStream::take_input() {
  if (!source_ || source_waits_) return false;
  auto room = session_.input_room();
  if (room.empty()) return false;
  auto read = source_->read(room);
  session_.input(read.size);
  source_waits_ = !read.ended && read.size == 0;
  if (read.ended) {
    source_.reset();
    session_.end_input();
  }
  return read.size > 0 || read.ended;
}

void SessionStream::signal(std::string_view name) {
  unwrap(session_.signal(name));
  flush();
}

void SessionStream::resize(const WindowSize& size) {
  session_.resize(size);
  flush();
}

void SessionStream::close_output(Channel channel) {
  session_.close_output(channel);
  flush();
}

}  // namespace nigh::client
