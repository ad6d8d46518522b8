// SPDX-License-Identifier: Apache-2.0
#include "client/udp_flow.hpp"

#include <algorithm>

namespace nigh::client {
namespace {

using Clock = std::chrono::steady_clock;
using Chunk = http2::BodySource::Chunk;
using Next = http2::BodySource::Next;

// That wait for the tunnel.
constexpr std::size_t kMaxWaiting = 64;

}  // namespace

UdpFlow::UdpFlow(std::shared_ptr<UdpListener> listener, const UdpListener::Endpoint& sender)
    : listener_(std::move(listener)),
      sender_(sender),
      changed_(listener_->executor()),
      last_(Clock::now()) {}

void UdpFlow::push(std::string_view payload) {
  if (capsules_.size() >= kMaxWaiting || payload.size() > tunnel::kMaxDatagram) return;
  last_ = Clock::now();
  capsules_.push_back(tunnel::datagram_capsule(payload));
  if (stream_) stream_->resume();
}

awaitable<void> UdpFlow::run(TunnelStream& stream, Clock::duration idle) {
  struct Detach {
    UdpFlow& flow;
    ~Detach() {
      flow.stream_->attach(nullptr);
      flow.stream_ = nullptr;
    }
  } detach{*this};
  stream_ = &stream;
  stream.attach(this);
  while (!stream.over() && !broken_ && Clock::now() - last_ < idle) {
    changed_.expires_at(last_ + idle);
    boost::system::error_code woken;
    co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw Failure(Errc::cancelled, "cancelled");
  }
  if (broken_) throw Failure(Errc::malformed, "the server sends datagrams that make no sense");
  if (stream.failure()) throw Failure(*stream.failure());
}

void UdpFlow::take(std::string_view bytes) {
  stream_->consume(bytes.size());
  last_ = Clock::now();
  decoder_.feed(bytes);
  for (;;) {
    auto payload = decoder_.next();
    if (payload && !*payload) return;
    if (!payload) {
      broken_ = true;
      changed_.cancel();
      return;
    }
    listener_->send(sender_, **payload);
  }
}

Chunk UdpFlow::give(std::span<char> into) {
  std::size_t size = 0;
  while (!capsules_.empty() && size < into.size()) {
    auto piece = std::string_view(capsules_.front()).substr(sent_, into.size() - size);
    std::ranges::copy(piece, into.subspan(size).begin());
    size += piece.size();
    sent_ += piece.size();
    if (sent_ < capsules_.front().size()) break;
    capsules_.pop_front();
    sent_ = 0;
  }
  return {size, size > 0 ? Next::more : Next::wait};
}

}  // namespace nigh::client
