// SPDX-License-Identifier: Apache-2.0
#include "server/front/channel_stream.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/log.hpp"

namespace nigh::server {

ChannelStream::ChannelStream(Shared& shared, http2::StreamId id, const http2::Fields& fields)
    : Stream(shared, id),
      tunnel_(http2::find(fields, ":protocol") != nullptr),
      input_(resource::encode(request_head(fields)),
             [this](std::size_t gone) { shared_.h2.consume(id_, gone); }) {
  asked_ = shared_.worker.ask(OpenChannels{0, shared_.login.grant}, *this);
}

ChannelStream::~ChannelStream() {
  if (asked_ != 0) {
    shared_.worker.forget(asked_);
    shared_.worker.abandon(asked_);
  }
  shared_.h2.consume_connection(input_.kept());
}

void ChannelStream::on_started(const Started&, std::vector<UniqueFd> descriptors) {
  if (asked_ == 0 || descriptors.size() != 2) return;
  shared_.worker.forget(std::exchange(asked_, 0));  // its death is nothing to us from now on
  output_.emplace(shared_.executor, std::move(descriptors[1]), [this] { on_readable(); });
  input_.attach(shared_.executor, std::move(descriptors[0]), [this] {
    if (output_) ::shutdown(output_->fd(), SHUT_WR);  // the same socket
  });
  read_head();
}

void ChannelStream::on_failed(const Failed& failure) {
  if (asked_ == 0) return;
  asked_ = 0;
  input_.drop();
  answer(problem_of(failure.trouble, failure.message));
}

// Nothing has been done yet that could be done twice, and another worker is there soon: clients,
// which wait for hours, come again after that.
void ChannelStream::on_worker_died(const Failed& failure) {
  on_failed({failure.request, Trouble::busy, failure.message});
}

void ChannelStream::on_readable() {
  if (answered_)
    shared_.h2.resume(id_);
  else
    read_head();
}

void ChannelStream::read_head() {
  auto head = head_reader_.read(*output_);
  if (head && *head) return respond(**head);
  if (!head) give_up(head.error().message);
}

void ChannelStream::respond(const resource::ResponseHead& head) {
  auto fields = response_fields(head);
  if (!fields) return give_up(fields.error().message);
  tunnel_ = tunnel_ && head.status / 100 == 2;
  if (!tunnel_) left_ = content_length(*fields).value_or(0);
  answered_ = true;
  // The stream may just have been reset; then on_close() is on its way.
  (void)shared_.h2.submit_response(id_, *fields, this);
}

ChannelStream::Chunk ChannelStream::read(std::span<char> into) {
  if (left_) into = into.first(std::min<std::uint64_t>(into.size(), *left_));
  io::FdSource::Read got;
  if (output_ && !into.empty()) got = output_->read(into);
  if (left_) *left_ -= got.size;
  const bool broken = got.ended && left_.value_or(0) > 0;
  if (got.ended || left_ == 0) {
    complete();
    if (broken) shared_.h2.reset(id_, http2::kInternalError);
    return {got.size, broken ? Next::wait : Next::end};
  }
  return {got.size, got.size > 0 ? Next::more : Next::wait};
}

// Nobody reads what the client still sends.
void ChannelStream::complete() {
  output_.reset();
  input_.drop();
  shared_.h2.stop_reading(id_);
}

void ChannelStream::give_up(const std::string& why) {
  answered_ = true;
  output_.reset();
  input_.drop();
  log::warning("{}: the process of the channels did not answer: {}", shared_.connection, why);
  answer(
      problem_of(Trouble::busy,
                 fmt::format("the process of the channels did not answer ({}): try again", why)));
}

void ChannelStream::on_drain() {
  if (tunnel_) shared_.h2.reset(id_, http2::kCancel);
}

}  // namespace nigh::server
