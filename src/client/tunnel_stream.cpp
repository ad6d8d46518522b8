// SPDX-License-Identifier: Apache-2.0
#include "client/tunnel_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "client/answer_json.hpp"
#include "service/tunnel/target.hpp"

namespace nigh::client {
namespace {

using tunnel::Refusal;

TunnelRequest extended(const Connection& connection, std::string_view protocol, std::string path,
                       std::string name) {
  return {.fields = {{":method", "CONNECT"},
                     {":protocol", std::string(protocol)},
                     {":scheme", "https"},
                     {":authority", connection.endpoint().address()},
                     {":path", std::move(path)}},
          .name = std::move(name)};
}

// What a problem document is about; the last part of its type.
Refusal refusal_of(int status, std::string_view document) {
  auto json = parse_object(document);
  auto type = json.is_discarded() ? std::string() : text_of(json, "type");
  auto is = [&](std::string_view name) { return type.ends_with(fmt::format(":{}", name)); };
  if (is("connection-refused")) return Refusal::connection_refused;
  if (is("name-not-found") || status == 404) return Refusal::name_not_found;
  if (is("unreachable")) return Refusal::unreachable;
  if (status == 504) return Refusal::timed_out;
  if (status == 403) return Refusal::not_permitted;
  if (status == 400) return Refusal::no_target;
  return Refusal::other;
}

Errc code_for(Refusal why, Errc otherwise) {
  switch (why) {
    case Refusal::connection_refused:
    case Refusal::unreachable:
      return Errc::unavailable;
    case Refusal::name_not_found:
      return Errc::not_found;
    case Refusal::timed_out:
      return Errc::timeout;
    case Refusal::not_permitted:
      return Errc::refused;
    case Refusal::no_target:
      return Errc::usage;
    case Refusal::other:
      break;
  }
  return otherwise;
}

}  // namespace

TunnelRequest tunnel_to(const Connection& connection, const tunnel::Address& target) {
  auto name = printable(to_text(target));
  if (target.is_socket())
    return extended(connection, tunnel::kUnixProtocol, tunnel::unix_path(target.path), name);
  return {.fields = {{":method", "CONNECT"}, {":authority", to_text(target)}}, .name = name};
}

TunnelRequest tunnel_to_udp(const Connection& connection, const tunnel::HostPort& target) {
  auto request = extended(connection, tunnel::kUdpProtocol, tunnel::udp_path(target),
                          fmt::format("udp {}", printable(to_text(target))));
  request.fields.push_back({"capsule-protocol", "?1"});
  return request;
}

TunnelRequest tunnel_accepted(const Connection& connection, const std::string& id) {
  return extended(connection, tunnel::kAcceptedProtocol,
                  fmt::format("{}/{}", tunnel::kListenPath, id), "who was accepted");
}

TunnelRequest tunnel_again(const Connection& connection, const std::string& id,
                           std::uint64_t received) {
  auto request = extended(connection, tunnel::kTunnelProtocol,
                          fmt::format("{}{}", tunnel::kTunnelPath, id), "the tunnel");
  request.fields.push_back({std::string(tunnel::kReceivedField), std::to_string(received)});
  return request;
}

TunnelRequest resumable(TunnelRequest request) {
  request.fields.push_back({std::string(tunnel::kResumableField), "?1"});
  return request;
}

TunnelStream::TunnelStream(std::shared_ptr<Connection> connection)
    : connection_(std::move(connection)), changed_(connection_->executor()) {}

TunnelStream::~TunnelStream() {
  connection_->abandon(id_);
  connection_->consume(id_, is_open() ? early_.size() : 0);
}

// ---- the request -------------------------------------------------------------------------------

awaitable<void> TunnelStream::open(TunnelRequest what) {
  what_ = std::move(what);
  co_await connection_->ready();
  auto send = [this](const http2::Fields& proof) { return this->send(proof); };
  try {
    co_await send_with_proof(*connection_, send);
  } catch (const Failure& failure) {
    if (status_ == 0 || failure_) throw;
    throw refused(failure.error());
  }
}

awaitable<Outcome> TunnelStream::send(http2::Fields proof) {
  connection_->abandon(id_);  // of an attempt with another key
  status_ = 0;
  early_.clear();
  ended_ = sent_all_ = closed_ = false;
  auto fields = what_.fields;
  std::ranges::move(proof, std::back_inserter(fields));
  id_ = connection_->open(fields, this, *this);
  // A refusal is an answer like any other once both halves have ended: a stream that we leave
  // before that is reset, and a server takes only so many resets. No time limit: the server has
  // one for its target, and the connection one for the server.
  while (!is_open() && !over()) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
  co_return Outcome{status_, is_open() ? "" : early_};
}

TunnelRefused TunnelStream::refused(Error error) const {
  auto why = refusal_of(status_, early_);
  error.code = code_for(why, error.code);
  return {std::move(error), why};
}

// ---- what arrives ------------------------------------------------------------------------------

void TunnelStream::on_headers(const http2::Fields& fields) {
  status_ = status_of(fields);
  auto text = [&](std::string_view name) {
    const auto* value = http2::find(fields, name);
    return value != nullptr ? *value : std::string();
  };
  tunnel_id_ = text(tunnel::kTunnelField);
  received_there_ = text(tunnel::kReceivedField);
  if (!tunnel_id_.empty() || !received_there_.empty()) connection_->now_keeps();
  changed_.notify_all();
}

void TunnelStream::on_data(std::string_view bytes) {
  if (!is_open()) {
    connection_->consume(id_, bytes.size());
    if (early_.size() + bytes.size() <= kMaxAnswer) early_ += bytes;
    return;
  }
  received_ += bytes.size();
  if (peer_)
    peer_->take(bytes);
  else
    early_ += bytes;
}

void TunnelStream::on_end() {
  ended_ = true;
  if (!is_open()) return resume();  // to end our half, too
  if (peer_) peer_->take_end();
}

void TunnelStream::on_closed() {
  if (is_open() && !sent_all_) return fail({Errc::closed, fmt::format("{} was reset", what_.name)});
  closed_ = true;
  changed_.notify_all();
  if (is_open() && peer_) std::exchange(peer_, nullptr)->over();
}

void TunnelStream::on_failed(const Error& error) {
  lost_ = true;
  fail({is_open() ? Errc::closed : error.code, error.message});
}

void TunnelStream::on_reset(std::uint32_t code, const Error& error) {
  if (code != http2::kConnectError && !is_open()) return on_failed(error);
  fail({Errc::closed, fmt::format("{} was reset", what_.name)});
}

void TunnelStream::fail(Error error) {
  if (over()) return;
  failure_ = std::move(error);
  changed_.notify_all();
  if (peer_) std::exchange(peer_, nullptr)->over();
}

// ---- our end -----------------------------------------------------------------------------------

void TunnelStream::attach(TunnelPeer* peer) {
  peer_ = peer;
  if (!peer) return;
  if (auto early = std::exchange(early_, ""); !early.empty()) peer->take(early);
  if (ended_ && peer_) peer->take_end();
  if (over() && peer_)
    std::exchange(peer_, nullptr)->over();
  else
    resume();
}

void TunnelStream::consume(std::size_t count) { connection_->consume(id_, count); }

void TunnelStream::reset() {
  peer_ = nullptr;
  fail({Errc::cancelled, fmt::format("{} was reset here", what_.name)});
  connection_->abandon(id_);
}

TunnelStream::Chunk TunnelStream::read(std::span<char> into) {
  Chunk chunk{0, Next::wait};
  if (is_open() && peer_)
    chunk = peer_->give(into);
  else if (status_ != 0 && !is_open() && ended_)
    chunk.next = Next::end;
  sent_ += chunk.size;
  if (chunk.next == Next::end) sent_all_ = true;
  return chunk;
}

}  // namespace nigh::client
