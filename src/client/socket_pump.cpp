// SPDX-License-Identifier: Apache-2.0
#include "client/socket_pump.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>

namespace nigh::client {

using Chunk = http2::BodySource::Chunk;
using Next = http2::BodySource::Next;

void reset_on_close(int fd) {
  linger now{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

SocketPump::SocketPump(TunnelEnd& tunnel, UniqueFd socket, std::string first, OnBroken on_broken)
    : tunnel_(tunnel),
      changed_(tunnel.executor()),
      first_(std::move(first)),
      on_broken_(on_broken) {
  UniqueFd other(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  if (!other.valid()) {
    reset_on_close(socket.get());
    throw Failure(errno_error("cannot carry a connection", errno));
  }
  source_.emplace(tunnel.executor(), std::move(other), [this] { tunnel_.resume(); });
  sink_.emplace(tunnel.executor(), std::move(socket),
                io::FdSink::Events{[this](std::size_t count) { pay_back(count); },
                                   [this](int error_number) { sink_broke(error_number); },
                                   [this] {
                                     // It has closed its descriptor; ours may keep the connection.
                                     if (source_) (void)::shutdown(source_->fd(), SHUT_WR);
                                     written_ = true;
                                     changed_.notify_all();
                                   }});
  tunnel.attach(this);
}

// Whatever is not over by now is broken off.
SocketPump::~SocketPump() {
  tunnel_.attach(nullptr);
  tunnel_.consume(owed_);
  if (written_ && tunnel_.over() && !broken_) return;
  if (source_) reset_on_close(source_->fd());
  if (sink_->open()) reset_on_close(sink_->fd());
}

awaitable<void> SocketPump::run() {
  while (!broken_ && !(written_ && tunnel_.over())) co_await changed_.wait();
  if (!broken_) co_return;
  if (!tunnel_.over()) tunnel_.reset();
  throw Failure(*broken_);
}

void SocketPump::take(std::string_view bytes) {
  owed_ += bytes.size();
  if (sink_->open())
    sink_->write(bytes);
  else
    pay_back(owed_);
}

void SocketPump::take_end() { sink_->finish(); }

Chunk SocketPump::give(std::span<char> into) {
  if (!first_.empty()) {
    auto size = std::min(into.size(), first_.size());
    std::copy_n(first_.data(), size, into.data());
    first_.erase(0, size);
    return {size, Next::more};
  }
  if (broken_) return {0, Next::wait};
  if (!source_) return {0, Next::end};
  auto read = source_->read(into);
  if (read.size > 0) return {read.size, Next::more};
  if (!read.ended) return {0, Next::wait};
  if (read.error != 0 && on_broken_ == OnBroken::reset) {
    socket_broke(read.error);
    return {0, Next::wait};
  }
  source_.reset();
  return {0, Next::end};
}

void SocketPump::over() {
  if (tunnel_.failure() && !broken_) broken_ = tunnel_.failure();
  changed_.notify_all();
}

void SocketPump::sink_broke(int error_number) {
  if (on_broken_ == OnBroken::reset) return socket_broke(error_number);
  written_ = true;  // as far as it goes
  pay_back(owed_);
  changed_.notify_all();
}

// run() resets the stream: we may be in the middle of its reading.
void SocketPump::socket_broke(int error_number) {
  if (!broken_)
    broken_ = Error{Errc::closed, errno_error("the connection broke", error_number).message};
  changed_.notify_all();
}

void SocketPump::pay_back(std::size_t count) {
  owed_ -= count;
  tunnel_.consume(count);
}

}  // namespace nigh::client
