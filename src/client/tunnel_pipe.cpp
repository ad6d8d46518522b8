// SPDX-License-Identifier: Apache-2.0
#include "client/tunnel_pipe.hpp"

#include <algorithm>
#include <utility>

namespace nigh::client {

using Chunk = http2::BodySource::Chunk;
using Next = http2::BodySource::Next;

TunnelPipe::TunnelPipe(std::unique_ptr<TunnelStream> stream)
    : stream_(std::move(stream)), changed_(stream_->executor()) {
  stream_->attach(this);
}

TunnelPipe::~TunnelPipe() {
  stream_->attach(nullptr);
  stream_->consume(received_.size() - read_);
}

// ---- what the caller does ----------------------------------------------------------------------

awaitable<std::size_t> TunnelPipe::read(std::span<char> into) {
  while (received_.empty() && !input_ended_ && !failure_ && !into.empty()) co_await changed_.wait();
  auto size = std::min(into.size(), received_.size() - read_);
  if (size == 0 && failure_) throw Failure(*failure_);
  std::copy_n(received_.data() + read_, size, into.data());
  read_ += size;
  stream_->consume(size);
  if (read_ == received_.size()) {
    received_ = std::string();  // a burst's memory is not kept
    read_ = 0;
  }
  co_return size;
}

awaitable<void> TunnelPipe::write(std::string_view bytes) {
  if (output_closed_) throw Failure(Errc::usage, "this end of the stream is closed");
  writing_ = bytes;
  struct Forget {  // whoever cancels us takes the bytes away
    std::string_view& writing;
    ~Forget() { writing = {}; }
  } forget{writing_};
  stream_->resume();
  while (!writing_.empty() && !failure_) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
}

void TunnelPipe::close_output() {
  output_closed_ = true;
  stream_->resume();
}

void TunnelPipe::reset(const Error& why) {
  if (!failure_) failure_ = why;
  stream_->reset();
  changed_.notify_all();
}

void TunnelPipe::leave() {
  if (!output_closed_ || !input_ended_) return reset({Errc::cancelled, "the stream was dropped"});
  if (!stream_->over())
    asio::co_spawn(stream_->executor(), linger(shared_from_this()), [](std::exception_ptr) {});
}

// Until the end of our half is on its way.
awaitable<void> TunnelPipe::linger(std::shared_ptr<TunnelPipe> self) {
  while (!self->stream_->over()) co_await self->changed_.wait();
}

// ---- what the stream does ----------------------------------------------------------------------

void TunnelPipe::take(std::string_view bytes) {
  received_ += bytes;
  changed_.notify_all();
}

void TunnelPipe::take_end() {
  input_ended_ = true;
  changed_.notify_all();
}

Chunk TunnelPipe::give(std::span<char> into) {
  auto size = writing_.copy(into.data(), into.size());
  writing_.remove_prefix(size);
  if (!writing_.empty()) return {size, Next::more};
  if (size > 0) changed_.notify_all();
  return {size, output_closed_ ? Next::end : Next::wait};
}

void TunnelPipe::over() {
  if (stream_->failure() && !failure_) failure_ = stream_->failure();
  changed_.notify_all();
}

}  // namespace nigh::client
