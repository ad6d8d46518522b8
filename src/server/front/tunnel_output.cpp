// SPDX-License-Identifier: Apache-2.0
#include "server/front/tunnel_output.hpp"

#include <sys/socket.h>

#include <utility>

namespace nigh::server {
namespace {

// What closing it means, by whomever: also by the kernel, if this process dies.
enum class Closing { reset, end };
void set_closing(int socket, Closing how) {
  const linger closing{how == Closing::reset ? 1 : 0, 0};
  (void)::setsockopt(socket, SOL_SOCKET, SO_LINGER, &closing, sizeof closing);
}

}  // namespace

void TunnelOutput::attach(const io::Readiness& socket) {
  if (dropped_) return;
  set_closing(socket.fd(), Closing::reset);
  sink_.emplace(socket, io::FdSink::Events{[this](std::size_t count) { on_written(count); },
                                           [this](int) { on_broken(); }, [] {}});
  sink_->write(std::exchange(early_, {}));
  half_close_if_done();
}

void TunnelOutput::write(std::string_view bytes) {
  if (dropped_) return events_.on_gone(bytes.size());
  kept_ += bytes.size();
  if (sink_)
    sink_->write(bytes);
  else
    early_ += bytes;
}

void TunnelOutput::finish() {
  finished_ = true;
  half_close_if_done();
}

void TunnelOutput::half_close_if_done() {
  if (!finished_ || kept_ > 0 || !sink_ || !sink_->open()) return;
  ::shutdown(sink_->fd(), SHUT_WR);  // a socket that is gone says so to who reads it
  if (!patience_) return;
  set_closing(sink_->fd(), Closing::end);
  patience_->cancel();
}

void TunnelOutput::on_written(std::size_t count) {
  kept_ -= count;
  events_.on_gone(count);
  half_close_if_done();
  if (patience_ && kept_ > 0) wait_on();
}

void TunnelOutput::on_broken() {
  dropped_ = true;
  if (kept_ > 0) events_.on_gone(std::exchange(kept_, 0));
  if (patience_) patience_->cancel();
  if (events_.on_broken) events_.on_broken();
}

void TunnelOutput::drop() {
  dropped_ = true;
  sink_.reset();
  early_ = std::string();
  if (kept_ > 0) events_.on_gone(std::exchange(kept_, 0));
}

std::string TunnelOutput::give_back() {
  dropped_ = true;
  kept_ = 0;
  auto left = sink_ ? sink_->take_unwritten() : std::exchange(early_, {});
  sink_.reset();
  return left;
}

void TunnelOutput::outlive(const asio::any_io_executor& executor) {
  events_.on_broken = nullptr;
  if (kept_ == 0) {
    if (sink_ && sink_->open()) set_closing(sink_->fd(), Closing::end);
    return;
  }
  patience_.emplace(executor);
  wait_on();
}

// Whether it is cancelled, since everything is written or nothing can be, or has waited for long
// enough: this was then the last to hold it.
void TunnelOutput::wait_on() {
  patience_->expires_after(kPatience);
  patience_->async_wait([self = shared_from_this()](boost::system::error_code) {});
}

}  // namespace nigh::server
