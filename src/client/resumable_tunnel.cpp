// SPDX-License-Identifier: Apache-2.0
#include "client/resumable_tunnel.hpp"

#include <algorithm>
#include <utility>

#include "service/tunnel/target.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;

// How long what is owed to a server that nothing is sent to anyway may wait: it keeps some bytes
// for us meanwhile.
constexpr auto kAckDelay = 200ms;
constexpr auto kBusyPause = 500ms;

}  // namespace

using Chunk = http2::BodySource::Chunk;
using Next = http2::BodySource::Next;

ResumableTunnel::ResumableTunnel(std::unique_ptr<TunnelStream> stream, TunnelLine& line)
    : executor_(stream->executor()),
      line_(line),
      id_(stream->id()),
      stream_(std::move(stream)),
      changed_(executor_),
      ack_timer_(executor_) {}

ResumableTunnel::~ResumableTunnel() {
  if (stream_) stream_->attach(nullptr);
}

void ResumableTunnel::use(std::unique_ptr<TunnelStream> stream) {
  stream_ = std::move(stream);
  stale_ = owed_;
  if (peer_) stream_->attach(this);
}

awaitable<void> ResumableTunnel::run() {
  for (;;) {
    while (over_ || (stream_ && !stream_->lost())) co_await changed_.wait();
    stream_.reset();
    try {
      auto next = co_await open_again();
      auto there = tunnel::parse_received(next->received_there());
      if (!there) throw Failure(there.error());
      if (auto possible = end_.go_on(*there); !possible) throw Failure(possible.error());
      use(std::move(next));
    } catch (const Failure& failure) {
      if (failure.code() == Errc::cancelled) throw;
      fail(failure.error());
    }
  }
}

awaitable<std::unique_ptr<TunnelStream>> ResumableTunnel::open_again() {
  for (;;) {
    auto connection = co_await line_.connection();
    auto stream = std::make_unique<TunnelStream>(connection);
    try {
      co_await stream->open(tunnel_again(*connection, id_, end_.received()));
      co_return stream;
    } catch (const Failure& failure) {
      if (failure.code() == Errc::cancelled) throw;
      if (stream->status() == 401)
        line_.replace(connection);  // another worker is there
      else if (stream->status() / 100 == 4)
        throw Failure(Errc::closed, "the tunnel was not kept until there was contact again");
      else if (stream->status() == 0 && !connection->ending())
        throw;
    }
    if (stream->status() < 500) continue;
    asio::steady_timer pause(executor_, kBusyPause);  // it has too much to do
    co_await pause.async_wait(asio::use_awaitable);
  }
}

// ---- the end here ------------------------------------------------------------------------------

void ResumableTunnel::attach(TunnelPeer* peer) {
  peer_ = peer;
  if (!peer) return;
  if (over_)
    std::exchange(peer_, nullptr)->over();
  else if (stream_)
    stream_->attach(this);
}

void ResumableTunnel::resume() {
  if (stream_ && !over_) stream_->resume();
}

void ResumableTunnel::consume(std::size_t count) {
  owed_ -= std::min(count, owed_);
  auto stale = std::min(count, stale_);
  stale_ -= stale;
  if (stream_ && count > stale) stream_->consume(count - stale);
}

void ResumableTunnel::reset() {
  peer_ = nullptr;
  if (stream_) stream_->reset();
  fail({Errc::cancelled, "the tunnel was reset here"});
}

void ResumableTunnel::fail(Error error) {
  if (std::exchange(over_, true)) return;
  failure_ = std::move(error);
  if (stream_) stream_->attach(nullptr);
  changed_.notify_all();
  if (peer_) std::exchange(peer_, nullptr)->over();
}

// ---- what the stream brings --------------------------------------------------------------------

void ResumableTunnel::take(std::string_view bytes) {
  pieces_ = 0;
  auto kept = end_.kept();
  auto taken = end_.receive(bytes, *this);
  stream_->consume(bytes.size() - pieces_);
  if (!taken) {
    stream_->reset();
    return fail(taken.error());
  }
  const bool has_room = waits_for_room_ && end_.kept() < kept;
  if (end_.has_output() || has_room || end_.is_complete()) stream_->resume();
  if (end_.owes_ack()) acknowledge_later();
}

void ResumableTunnel::on_bytes(std::string_view piece) {
  pieces_ += piece.size();
  received_ += piece.size();
  owed_ += piece.size();
  if (peer_)
    peer_->take(piece);
  else
    consume(piece.size());
}

void ResumableTunnel::on_end() {
  if (peer_) peer_->take_end();
}

void ResumableTunnel::acknowledge_later() {
  if (std::exchange(ack_later_, true)) return;
  ack_timer_.expires_after(kAckDelay);
  ack_timer_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code cancelled) {
    if (cancelled || alive.expired()) return;
    ack_later_ = false;
    end_.ack_now();
    if (end_.has_output()) resume();
  });
}

void ResumableTunnel::over() {
  if (end_.is_complete()) {
    over_ = true;
    changed_.notify_all();
    if (peer_) std::exchange(peer_, nullptr)->over();
  } else if (stream_->lost()) {
    changed_.notify_all();  // run() finds another
  } else {
    fail(stream_->failure() ? *stream_->failure()
                            : Error{Errc::closed, "the tunnel's stream ended before it did"});
  }
}

// ---- what the stream takes ---------------------------------------------------------------------

// Into what is sent, and says how much of that is used. There may be something to fill in then.
std::size_t ResumableTunnel::take_input(std::span<char> into) {
  waits_for_room_ = false;
  if (input_ended_ || !peer_) return 0;
  auto room = end_.room_in(into);
  waits_for_room_ = room.empty();
  if (waits_for_room_) return 0;
  auto got = peer_->give(room);
  sent_ += got.size;
  auto used = end_.pass(into, got.size);
  if (got.next == Next::end) {
    input_ended_ = true;
    end_.end();
  }
  return used;
}

Chunk ResumableTunnel::give(std::span<char> into) {
  auto size = end_.fill(into, [this](std::span<char> rest) { return take_input(rest); });
  if (size > 0) {
    line_.sent();
    return {size, Next::more};
  }
  return {0, end_.is_complete() && !end_.has_output() ? Next::end : Next::wait};
}

}  // namespace nigh::client
