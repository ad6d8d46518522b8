// SPDX-License-Identifier: Apache-2.0
// <nigh/nigh.hpp>: each call runs on the thread of its Host's event loop, and waits.
#include <nigh/nigh.hpp>

#include <atomic>
#include <utility>

#include "client/blocking_host.hpp"
#include "client/handles.hpp"
#include "client/loop_thread.hpp"
#include "service/run/messages.hpp"

namespace nigh {

namespace detail = async::detail;
using client::LoopThread;

// ---- Process -----------------------------------------------------------------------------------

struct Process::State {
  State(std::shared_ptr<LoopThread> thread, detail::StreamHandle handle)
      : loop(std::move(thread)), stream(std::move(handle)) {}
  // The stream must go on its own thread.
  ~State() {
    loop->post_and_wait([this] {
      stream->end();
      stream.reset();
    });
  }

  template <class T>
  T call(awaitable<T> task) {
    if (cancelled) throw Failure(Errc::cancelled, "the command was cancelled");
    return loop->call(std::move(task));
  }

  std::shared_ptr<LoopThread> loop;
  detail::StreamHandle stream;
  std::atomic<bool> cancelled = false;
};

Process::Process(std::unique_ptr<State> state) : state_(std::move(state)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

void Process::write(std::string_view bytes) { state_->call(detail::write(state_->stream, bytes)); }

void Process::close_input() {
  state_->loop->post([stream = state_->stream] { stream->get()->close_input(); });
}

std::size_t Process::read(Channel channel, std::span<char> into) {
  return state_->call(detail::read(state_->stream, channel, into));
}

Process::Piece Process::read_any(std::span<char> into) {
  auto piece = state_->call(detail::read_any(state_->stream, into));
  return {piece.channel, piece.size};
}

ExitStatus Process::wait() { return state_->call(detail::wait(state_->stream)); }

void Process::signal(std::string_view name) {
  unwrap(run::signal_number(name));
  state_->loop->post(
      [stream = state_->stream, text = std::string(name)] { stream->get()->signal(text); });
}

void Process::resize(const WindowSize& size) {
  state_->loop->post([stream = state_->stream, size] { stream->get()->resize(size); });
}

void Process::cancel() {
  state_->cancelled = true;
  state_->loop->post([stream = state_->stream] { stream->end(); });
}

void Process::started() { state_->call(detail::started(state_->stream)); }

std::string Process::session() const {
  std::string id;
  state_->loop->post_and_wait([&] { id = state_->stream->get()->session(); });
  return id;
}

void Process::detach() {
  state_->loop->post([stream = state_->stream] { stream->get()->detach(); });
}

void Process::on_contact(ContactEvents events) {
  state_->loop->post([stream = state_->stream, events = std::move(events)]() mutable {
    stream->get()->on_contact(std::move(events));
  });
}

// ---- Host --------------------------------------------------------------------------------------

Host::Host(std::unique_ptr<State> state) : state_(std::move(state)) {}
Host::Host(Host&&) noexcept = default;
Host& Host::operator=(Host&&) noexcept = default;
Host::~Host() = default;

RunResult Host::run(const Command& command, const RunOptions& options) {
  return state_->loop->call(
      detail::run(state_->connection, command, options.input, options.output_limit), options.stop);
}

Process Host::start(const Command& command) {
  auto stream = state_->loop->call(detail::start(state_->connection, command));
  return Process(std::make_unique<Process::State>(state_->loop, std::move(stream)));
}

std::vector<SessionInfo> Host::sessions() {
  return state_->loop->call(detail::sessions(state_->connection));
}

Process Host::attach(const std::string& id_or_name, const AttachOptions& options) {
  auto stream = state_->loop->call(detail::attach(state_->connection, id_or_name, options));
  return Process(std::make_unique<Process::State>(state_->loop, std::move(stream)));
}

void Host::end_session(const std::string& id_or_name, const std::string& signal) {
  state_->loop->call(detail::end_session(state_->connection, id_or_name, signal));
}

ExitStatus Host::wait_session(const std::string& id_or_name, std::stop_token stop) {
  return state_->loop->call(detail::wait_session(state_->connection, id_or_name), std::move(stop));
}

ServerInfo Host::info() { return state_->loop->call(detail::info(state_->connection)); }

Token Host::token(std::chrono::seconds lifetime) {
  return state_->loop->call(detail::token(state_->connection, lifetime));
}

void Host::revoke_token(std::string_view id) {
  state_->loop->call(detail::revoke_token(state_->connection, std::string(id)));
}

Host connect(std::string_view target, const ConnectOptions& options) {
  auto state = std::make_unique<Host::State>(std::make_shared<LoopThread>());
  state->connection = state->loop->call(detail::connect(std::string(target), options));
  return Host(std::move(state));
}

}  // namespace nigh
