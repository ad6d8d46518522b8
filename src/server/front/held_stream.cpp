// SPDX-License-Identifier: Apache-2.0
#include "server/front/held_stream.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include "server/front/process_streams.hpp"

namespace nigh::server {

HeldStream::HeldStream(Shared& shared, http2::StreamId id)
    : Stream(shared, id), input_("", [this](std::size_t gone) { shared_.h2.consume(id_, gone); }) {}

HeldStream::HeldStream(Shared& shared, http2::StreamId id, const Command& command, Instead instead)
    : HeldStream(shared, id) {
  instead_ = std::move(instead);
  lasts_ = command.keep || command.pty || !command.name.empty();
  StartSession start;
  start.command = start_message(shared, command);
  start.name = command.name;
  start.keep = command.keep;
  if (command.time_limit) start.time_limit_ms = command.time_limit->count();
  asked_ = shared_.worker.ask(std::move(start), *this);
}

HeldStream::HeldStream(Shared& shared, http2::StreamId id, std::string session)
    : HeldStream(shared, id) {
  asked_ = shared_.worker.ask(
      AttachSession{0, shared_.login.grant, std::move(session), shared_.connection}, *this);
}

HeldStream::~HeldStream() {
  if (shared_.peer_left) say_farewell();
  shared_.worker.forget(asked_);
  // A start of which nobody has heard is undone; one that was answered goes on.
  if (!answered_) shared_.worker.abandon(asked_);
  shared_.h2.consume_connection(input_.kept());
}

void HeldStream::on_started(const Started&, std::vector<UniqueFd> descriptors) {
  if (answered_ || descriptors.size() != 3) return;
  answered_ = true;
  farewell_ = std::move(descriptors[1]);
  output_.emplace(shared_.executor, std::move(descriptors[2]), [this] { shared_.h2.resume(id_); });
  input_.attach(shared_.executor, std::move(descriptors[0]), [this] {
    if (output_) ::shutdown(output_->fd(), SHUT_WR);  // if it is the socket, too
  });
  answer_stream(kFramesType, *this);
}

void HeldStream::on_failed(const Failed& failure) {
  // After the start this is the worker's death, which is nothing to the session.
  if (answered_) return;
  answered_ = true;
  if (failure.trouble == Trouble::no_sessions && instead_) return instead_(input_.take_early());
  input_.drop();
  answer(problem_of(failure.trouble, failure.message));
}

HeldStream::Chunk HeldStream::read(std::span<char> into) {
  if (!output_) return {0, Next::end};
  auto got = output_->read(into);
  if (!got.ended) return {got.size, got.size > 0 ? Next::more : Next::wait};
  output_.reset();
  input_.drop();
  shared_.h2.stop_reading(id_);
  return {0, Next::end};
}

// A client that means to come back does not end its half.
void HeldStream::on_end() {
  say_farewell();
  input_.finish();
}

// The client has left, rather than lost its connection: that is not waited for so long. In a
// session that is over it means nothing.
void HeldStream::say_farewell() {
  const std::uint64_t one = 1;
  if (!drained_ && farewell_.valid()) (void)!::write(farewell_.get(), &one, sizeof one);
}

// Its client comes back to the server that follows this one; if there will be one, which matters to
// what ends without: that may finish here, and comes back when there is no time left.
void HeldStream::on_drain() {
  if (!lasts_) return;
  drained_ = true;
  if (output_) shared_.h2.reset(id_, http2::kCancel);
}

}  // namespace nigh::server
