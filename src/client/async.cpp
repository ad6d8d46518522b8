// SPDX-License-Identifier: Apache-2.0
// <nigh/async.hpp>: the handles. None of their members is a coroutine itself, so that a handle may
// be destroyed while an operation of it is under way.
#include <nigh/async.hpp>

#include "client/handles.hpp"
#include "client/kept.hpp"
#include "client/leaving.hpp"

namespace nigh::async {
namespace {

awaitable<Process> start_process(detail::ConnectionHandle connection, Command command) {
  co_return Process(co_await detail::start(std::move(connection), std::move(command)));
}

awaitable<Process> attach_process(detail::ConnectionHandle connection, std::string id_or_name,
                                  AttachOptions options) {
  co_return Process(
      co_await detail::attach(std::move(connection), std::move(id_or_name), std::move(options)));
}

awaitable<Process::Piece> read_piece(detail::StreamHandle stream, std::span<char> into) {
  auto piece = co_await detail::read_any(std::move(stream), into);
  co_return Process::Piece{piece.channel, piece.size};
}

awaitable<Host> connect_host(std::string target, ConnectOptions options) {
  co_return Host(co_await detail::connect(std::move(target), std::move(options)));
}

}  // namespace

Process::Process() = default;
Process::Process(std::shared_ptr<detail::RunStream> stream) : stream_(std::move(stream)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  if (stream_) stream_->end();
  stream_ = std::move(other.stream_);
  return *this;
}
Process::~Process() {
  if (stream_) stream_->end();  // also what is under way and holds the stream
}

awaitable<void> Process::write(std::string_view bytes) { return detail::write(stream_, bytes); }
void Process::close_input() { stream_->get()->close_input(); }
awaitable<std::size_t> Process::read(Channel channel, std::span<char> into) {
  return detail::read(stream_, channel, into);
}
awaitable<Process::Piece> Process::read_any(std::span<char> into) {
  return read_piece(stream_, into);
}
awaitable<ExitStatus> Process::forward(Descriptors descriptors) {
  return detail::forward(stream_, descriptors);
}
awaitable<ExitStatus> Process::wait() { return detail::wait(stream_); }
void Process::signal(std::string_view name) { stream_->get()->signal(name); }
void Process::resize(const WindowSize& size) { stream_->get()->resize(size); }

awaitable<void> Process::started() { return detail::started(stream_); }
const std::string& Process::session() const { return stream_->get()->session(); }
void Process::detach() { stream_->get()->detach(); }
void Process::on_contact(ContactEvents events) { stream_->get()->on_contact(std::move(events)); }

Host::Host(std::shared_ptr<detail::Connection> connection) : connection_(std::move(connection)) {}

awaitable<Process> Host::start(Command command) {
  return start_process(connection_, std::move(command));
}
awaitable<RunResult> Host::run(Command command, std::string_view input, std::size_t output_limit) {
  return detail::run(connection_, std::move(command), input, output_limit);
}
awaitable<std::vector<SessionInfo>> Host::sessions() { return detail::sessions(connection_); }
awaitable<Process> Host::attach(std::string id_or_name, AttachOptions options) {
  return attach_process(connection_, std::move(id_or_name), std::move(options));
}
awaitable<void> Host::end_session(std::string id_or_name, std::string signal) {
  return detail::end_session(connection_, std::move(id_or_name), std::move(signal));
}
awaitable<ExitStatus> Host::wait_session(std::string id_or_name) {
  return detail::wait_session(connection_, std::move(id_or_name));
}
std::optional<char> Host::escape_key() const { return detail::escape_key(connection_); }
bool Host::forwards_agent() const { return detail::forwards_agent(connection_); }

awaitable<ServerInfo> Host::info() { return detail::info(connection_); }
awaitable<Token> Host::token(std::chrono::seconds lifetime) {
  return detail::token(connection_, lifetime);
}
awaitable<void> Host::revoke_token(std::string id) {
  return detail::revoke_token(connection_, std::move(id));
}

awaitable<Host> connect(std::string target, ConnectOptions options) {
  return connect_host(std::move(target), std::move(options));
}

awaitable<void> leave() { return client::leave(); }

awaitable<std::vector<KeptConnection>> kept_connections(std::optional<std::string> target,
                                                        ConnectOptions options) {
  return client::kept_connections(std::move(target), std::move(options));
}

awaitable<std::vector<KeptConnection>> end_kept_connections(std::optional<std::string> target,
                                                            bool drain, ConnectOptions options) {
  return client::end_kept_connections(std::move(target), drain, std::move(options));
}

}  // namespace nigh::async
