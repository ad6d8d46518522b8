// SPDX-License-Identifier: Apache-2.0
#include "plain/gathering.hpp"

#include <fmt/format.h>

#include "plain/peer.hpp"

namespace nigh::plain {

std::shared_ptr<io::TlsStream> clothe(tcp::socket socket, const MaybeTls& tls) {
  if (tls) return std::make_shared<io::TlsStream>(std::move(socket), *tls);
  return std::make_shared<io::TlsStream>(std::move(socket));
}

awaitable<void> welcome(io::TlsStream& stream, io::Duration limit) {
  if (stream.is_bare()) co_return;
  auto task = stream.handshake();
  co_await io::with_timeout(std::move(task), limit, "who connected does not speak TLS");
  co_await stream.flush();
}

Gathering::Gathering(const asio::any_io_executor& executor, const Options& options, MaybeTls tls)
    : executor_(executor),
      options_(options),
      tls_(std::move(tls)),
      output_(executor, options.print ? Output::Form::lines : Output::Form::bytes),
      input_(executor),
      changed_(executor) {}

awaitable<void> Gathering::run(Acceptor& acceptor) {
  std::vector<awaitable<void>> tasks;
  tasks.push_back(accept(acceptor));
  tasks.push_back(spread());
  tasks.push_back(until_failed());
  co_await io::all_or_none(std::move(tasks));
}

awaitable<void> Gathering::accept(Acceptor& acceptor) {
  for (;;) {
    auto socket = co_await acceptor.next();
    asio::co_spawn(executor_, attend(shared_from_this(), std::move(socket)),
                   [self = shared_from_this()](std::exception_ptr failure) {
                     if (!failure) return;
                     self->failure_ = failure;
                     self->changed_.notify_all();
                   });
  }
}

awaitable<void> Gathering::attend(std::shared_ptr<Gathering> self, tcp::socket socket) {
  auto name = name_of_peer(socket.native_handle());
  auto stream = clothe(std::move(socket), self->tls_);
  std::string how;
  try {
    co_await welcome(*stream, self->options_.timeout);
    co_await self->stay(stream, name);
  } catch (const Failure& failure) {
    how = fmt::format(": {}", failure.what());
  }
  std::erase(self->present_, stream);
  stream->close();
  self->options_.tell(fmt::format("Disconnected from {}{}", name, how));
}

awaitable<void> Gathering::stay(Stream stream, std::string name) {
  options_.tell(fmt::format("Connected to {}", name));
  present_.push_back(stream);
  changed_.notify_all();
  if (input_ended_) co_await stream->end_sending();
  co_await receive_all(*stream, output_);
}

awaitable<void> Gathering::spread() {
  for (;;) {
    while (present_.empty()) co_await changed_.wait();
    auto piece = co_await input_.next();
    if (piece.empty()) break;
    for (const auto& stream : std::vector(present_)) co_await send(stream, piece);
  }
  input_ended_ = true;
  for (const auto& stream : std::vector(present_)) co_await send(stream, {});
}

// Nothing: the end. Whoever left is not our failure: attend() tells.
awaitable<void> Gathering::send(Stream stream, std::string_view piece) {
  auto state = co_await asio::this_coro::cancellation_state;
  try {
    if (piece.empty())
      co_await stream->end_sending();
    else
      co_await stream->send(piece);
  } catch (const std::exception&) {
    if (state.cancelled() != asio::cancellation_type::none) throw;
  }
}

awaitable<void> Gathering::until_failed() {
  while (!failure_) co_await changed_.wait();
  std::rethrow_exception(failure_);
}

}  // namespace nigh::plain
