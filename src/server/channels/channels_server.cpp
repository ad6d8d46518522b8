// SPDX-License-Identifier: Apache-2.0
#include "server/channels/channels_server.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.hpp"
#include "server/channels/channels_connection.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPiece = 256 * 1024;
constexpr int kPiecesATurn = 4;  // of one connection, before others have theirs
constexpr std::size_t kWorthAWrite = 16 * 1024;
constexpr std::size_t kWorthPassing = 16 * 1024;
constexpr std::size_t kLookAhead = 4 * 1024;  // of a stream: the next frame's header, or all of it
constexpr auto kSweep = 1h;

UniqueFd duplicate(int fd) { return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

}  // namespace

ChannelsServer::Connection::Connection(ChannelsServer& server, Id number, UniqueFd reads,
                                       UniqueFd writes, UniqueFd watches)
    : id(number),
      in(server.context_.get_executor(), std::move(reads),
         [&server, number] { server.receive(number); }),
      sink(server.context_.get_executor(), std::move(writes),
           io::FdSink::Events{[this, &server](std::size_t) {
                                const auto left = gets_stream ? 0 : channel::Hub::kBacklog / 2;
                                if (!behind || sink.queued() > left) return;
                                behind = false;
                                server.drained_.push_back(id);
                                server.settle_soon();
                              },
                              [this, &server](int) { server.drop_soon(id); },
                              [this, &server] { server.drop_soon(id); }}),
      hangup(server.context_.get_executor(), std::move(watches), io::Readiness::For::hangup,
             [&server, number] { server.hung_up(number); }) {}

ChannelsServer::ChannelsServer(asio::io_context& context, std::unique_ptr<SqliteStore> store,
                               std::chrono::milliseconds idle, std::function<void()> on_idle)
    : context_(context),
      store_(std::move(store)),
      hub_(*store_, *this),
      buffer_(std::make_unique_for_overwrite<char[]>(kPiece)),
      idle_(idle),
      on_idle_(std::move(on_idle)),
      idle_timer_(context),
      sweep_timer_(context) {
  watch_idle();
  sweep_later();
}

ChannelsServer::~ChannelsServer() = default;

void ChannelsServer::add(UniqueFd socket) {
  auto writes = duplicate(socket.get()), watches = duplicate(socket.get());
  if (!writes.valid() || !watches.valid()) return;  // which the other end sees
  auto id = ++last_;
  connections_[id] = std::make_unique<Connection>(*this, id, std::move(socket), std::move(writes),
                                                  std::move(watches));
  idle_timer_.cancel();
  receive(id);
}

// ---- what comes --------------------------------------------------------------------------------

void ChannelsServer::receive(Id id) {
  auto found = connections_.find(id);
  if (found == connections_.end()) return;
  auto& connection = *found->second;
  for (int i = 0; i < kPiecesATurn; ++i) {
    if (connection.gone || connection.closing) return;
    if (connection.in_hub && !hub_.wants(id)) {
      if (auto passage = hub_.passage(id)) expect_stream(passage->to, true);
      if (!std::exchange(connection.paused, true)) paused_.push_back(id);
      return;
    }
    if (!read_some(connection)) return;
  }
  asio::post(context_, [this, id] { receive(id); });
}

// False: there is nothing more now.
bool ChannelsServer::read_some(Connection& connection) {
  auto most = kPiece;
  if (auto passage = hub_.passage(connection.id)) {
    if (passage->bytes >= kWorthPassing && pass_some(connection, *passage)) return true;
    most = std::min(most, passage->bytes + kLookAhead);
  }
  auto got = connection.in.read({buffer_.get(), most});
  if (got.ended) {
    drop_soon(connection.id);
    return false;
  }
  return got.size > 0 && take(connection, {buffer_.get(), got.size});
}

// A stream's sender goes on when nothing waits for its receiver, whose socket takes much instead.
// Whoever gets messages is as it was: each settle() commits, and there should be few.
void ChannelsServer::expect_stream(Id id, bool is_awaited) {
  auto found = connections_.find(id);
  if (found == connections_.end()) return;
  auto& connection = *found->second;
  connection.behind |= is_awaited;
  if (std::exchange(connection.gets_stream, true) || !connection.sink.open()) return;
  constexpr int kOnTheWay = 1 << 20;  // the system may allow less
  (void)::setsockopt(connection.sink.fd(), SOL_SOCKET, SO_SNDBUF, &kOnTheWay, sizeof kOnTheWay);
}

// What is in a frame of a stream goes from socket to socket. False: it is to be read.
bool ChannelsServer::pass_some(Connection& from, const channel::Hub::Passage& passage) {
  auto found = connections_.find(passage.to);
  if (found == connections_.end()) return false;
  auto& to = *found->second;
  expect_stream(passage.to, false);
  to.sink.write(to.out);
  to.out.clear();
  if (!to.sink.open() || to.sink.queued() > 0) return false;
  const auto count = pipe_.fill(from.in.fd(), std::min(passage.bytes, kPiece));
  if (count == 0) return false;
  hub_.passed(from.id, count);
  auto head = channel::frame_header(channel::Frame::piece, count);
  to.sink.write(std::string_view(head.data(), head.size()));
  pipe_.drain(count, to.sink, {buffer_.get(), kPiece});
  to.behind = to.sink.queued() > 0;
  return true;
}

bool ChannelsServer::take(Connection& connection, std::string_view bytes) {
  if (!connection.has_head && !gather_head(connection, bytes)) return !connection.closing;
  if (!connection.in_hub || bytes.empty()) return true;
  hub_.feed(connection.id, bytes);
  settle_soon();
  return true;
}

// The other end has closed its socket: what it sent is read, unless nobody wants it.
void ChannelsServer::hung_up(Id id) {
  auto found = connections_.find(id);
  if (found == connections_.end()) return;
  if (found->second->paused || found->second->closing) drop(id);
}

void ChannelsServer::drop_soon(Id id) {
  auto found = connections_.find(id);
  if (found == connections_.end() || std::exchange(found->second->gone, true)) return;
  asio::post(context_, [this, id] { drop(id); });  // not from within it
}

void ChannelsServer::drop(Id id) {
  connections_.erase(id);
  hub_.gone(id);
  settle_soon();
  if (connections_.empty()) watch_idle();
}

// ---- what goes out -----------------------------------------------------------------------------

void ChannelsServer::send(Id id, std::string_view head, std::string_view payload) {
  auto found = connections_.find(id);
  if (found == connections_.end()) return;
  auto& connection = *found->second;
  if (!std::exchange(connection.unflushed, true)) unflushed_.push_back(id);
  settle_soon();
  if (payload.size() < kWorthAWrite) {
    connection.out.append(head).append(payload);
    return;
  }
  std::array<std::string_view, 3> pieces{connection.out, head, payload};
  connection.sink.write(pieces);
  connection.out.clear();
  connection.behind = connection.sink.queued() > 0;
}

std::size_t ChannelsServer::queued(Id id) const {
  auto found = connections_.find(id);
  if (found == connections_.end()) return 0;
  return found->second->out.size() + found->second->sink.queued();
}

void ChannelsServer::close(Id id) {
  auto found = connections_.find(id);
  if (found == connections_.end()) return;
  found->second->closing = true;
  found->second->hangup.arm();
  if (!std::exchange(found->second->unflushed, true)) unflushed_.push_back(id);
  settle_soon();
}

void ChannelsServer::flush(Connection& connection) {
  connection.unflushed = false;
  connection.sink.write(connection.out);
  connection.out.clear();
  if (connection.out.capacity() > kPiece) connection.out = std::string();
  connection.behind = connection.sink.queued() > 0;
  if (connection.closing) connection.sink.finish();
}

// Once for all that comes together, so that one commit is for all of it.
void ChannelsServer::settle_soon() {
  if (std::exchange(settle_due_, true)) return;
  asio::post(context_, [this] { settle(); });
}

void ChannelsServer::settle() {
  settle_due_ = false;
  for (auto id : std::exchange(drained_, {})) hub_.drained(id);
  hub_.settle();
  for (auto id : std::exchange(unflushed_, {}))
    if (auto found = connections_.find(id); found != connections_.end()) flush(*found->second);
  for (auto id : std::exchange(paused_, {})) {
    auto found = connections_.find(id);
    if (found == connections_.end()) continue;
    if (hub_.wants(id)) {
      found->second->paused = false;
      asio::post(context_, [this, id] { receive(id); });
    } else {
      paused_.push_back(id);
      found->second->hangup.arm();
    }
  }
}

// ---- time --------------------------------------------------------------------------------------

void ChannelsServer::watch_idle() {
  idle_timer_.expires_after(idle_);
  idle_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled && connections_.empty()) on_idle_();
  });
}

void ChannelsServer::sweep_later() {
  sweep_timer_.expires_after(kSweep);
  sweep_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    hub_.settle();  // nothing is uncommitted then
    if (auto swept = store_->sweep(); !swept) log::warning("{}", swept.error().message);
    sweep_later();
  });
}

}  // namespace nigh::server
