// SPDX-License-Identifier: Apache-2.0
#include "client/connection.hpp"

#include <fmt/format.h>

#include <ctime>

#include "client/wrong_peer.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;

// How long a peer that does not read may hold up our end.
constexpr auto kFarewell = 1s;
constexpr std::string_view kExporterLabel = "EXPORTER-nigh-auth-v1";
constexpr std::size_t kExporterSize = 32;

// One for the whole program: making it costs as much as a handshake, and it holds no state of a
// connection.
const io::TlsContext& tls_settings() {
  static const auto context = io::TlsContext::client();
  return context;
}

Error reset_error(const Endpoint& endpoint, std::uint32_t code) {
  if (code == http2::kRefusedStream || code == http2::kEnhanceYourCalm)
    return {Errc::unavailable, fmt::format("{} has too much to do for another request now: try "
                                           "again later",
                                           endpoint.address())};
  return {Errc::closed,
          fmt::format("{} broke the request off (HTTP/2 error {})", endpoint.address(), code)};
}

}  // namespace

Connection::Connection(Way way, Endpoint endpoint, Progress progress)
    : endpoint_(std::move(endpoint)),
      progress_(std::move(progress)),
      h2_(std::move(way.socket), tls_settings(), http2::Role::client, http2::Limits(), *this),
      changed_(h2_.stream().socket().get_executor()),
      ticket_(std::move(way.ticket)) {
  if (is_indirect(endpoint_)) {
    peer_address_ = endpoint_.address() + describe_way(endpoint_);
    return;
  }
  boost::system::error_code gone;
  auto peer = h2_.stream().socket().remote_endpoint(gone);
  if (gone) return;
  peer_ = peer;
  peer_address_ = address_text(peer.address().to_string(), peer.port());
}

Connection::Connection(tcp::socket bare, Endpoint endpoint, Progress progress, KeptFacts facts)
    : endpoint_(std::move(endpoint)),
      progress_(std::move(progress)),
      h2_(std::move(bare), http2::Role::client, http2::Limits(), *this),
      changed_(h2_.stream().socket().get_executor()),
      peer_(facts.peer),
      peer_address_(facts.info.peer_address),
      host_fingerprint_(facts.info.host_fingerprint),
      kept_(std::move(facts)) {
  authenticator_.emplace(executor(), kept_->info.key_fingerprint, progress_);
}

awaitable<void> Connection::tls_handshake() {
  try {
    co_await h2_.handshake();
  } catch (const Failure& failure) {
    if (failure.code() == Errc::cancelled) throw;
    throw Failure(explain_failed_handshake(endpoint_.address() + describe_way(endpoint_),
                                           h2_.stream().first_bytes(), failure.error()));
  }
}

awaitable<void> Connection::handshake(io::Duration limit) {
  auto task = tls_handshake();
  co_await io::with_timeout(
      std::move(task), limit,
      fmt::format("{} accepted the connection but does not answer: the server is stalled, or it is "
                  "not nigh and waits for other words",
                  endpoint_.address()));
  auto& tls = h2_.stream().engine();
  if (tls.alpn() != "h2") throw Failure(not_nigh(endpoint_.address(), "it does not offer HTTP/2"));
  progress_.step("TLS 1.3 {} {}", tls.group(), tls.cipher());
}

HostCheck Connection::check_host_key(const std::function<bool(const UnknownHostKey&)>& confirm) {
  auto chain = h2_.stream().engine().peer_chain();
  auto check = unwrap(check_host(endpoint_, chain, confirm, std::time(nullptr), progress_));
  progress_.step("host key {} {}", check.fingerprint, check.how);
  host_fingerprint_ = check.fingerprint;
  start_authentication();
  return check;
}

void Connection::start_authentication() {
  Authenticator::Subject subject{
      endpoint_.user, endpoint_.address(),
      h2_.stream().engine().exporter(kExporterLabel, endpoint_.user, kExporterSize)};
  authenticator_.emplace(executor(), std::move(subject), Identities(endpoint_.identities),
                         progress_);
}

awaitable<void> Connection::pump(std::shared_ptr<Connection> self) {
  Error error{Errc::closed, self->how_it_closed()};
  try {
    co_await io::until_either(self->h2_.run(), self->wait_for_close());
  } catch (const std::exception&) {
    error = io::to_error(std::current_exception());
    error.message = fmt::format("{}: {}", self->endpoint_.address(), error.message);
  }
  self->fail_all(error);
}

std::string Connection::how_it_closed() const {
  if (is_kept())
    return fmt::format("the connection to {} that another process keeps was lost, or ended there",
                       endpoint_.address());
  return fmt::format("{} closed the connection", endpoint_.address());
}

awaitable<void> Connection::until_ending() {
  while (!ending()) co_await changed_.wait();
}

awaitable<void> Connection::until_over() {
  while (!failure_) co_await changed_.wait();
}

awaitable<void> Connection::wait_for_close() {
  while (!closing_) co_await changed_.wait();
  asio::steady_timer timer(executor(), kFarewell);
  co_await timer.async_wait(asio::use_awaitable);
}

void Connection::close() {
  if (closing_ || failure_) return;
  closing_ = true;
  h2_.terminate(http2::kNoError);
  changed_.notify_all();
}

// Over somebody else's connection, that ours ends says nothing of us.
bool Connection::keeps() const {
  return (keeps_ || is_indirect(endpoint_)) && !failure_ && h2_.session().open_streams() > 0;
}

void Connection::leave() {
  h2_.linger();
  close();
}

void Connection::give_up(const Error& why) {
  closing_ = true;
  fail_all(why);
}

void Connection::finish(Stream stream, const Error& error) {
  if (stream.ended)
    stream.exchange->on_closed();
  else
    stream.exchange->on_failed(error);
}

void Connection::fail_all(const Error& error) {
  if (failure_) return;  // given up
  failure_ = error;
  changed_.notify_all();
  for (auto& [id, stream] : std::exchange(streams_, {})) finish(stream, error);
}

awaitable<void> Connection::ready() {
  auto stalled = fmt::format("{} made the connection but then went silent", endpoint_.address());
  auto wait = [](Connection& self) -> awaitable<void> {
    while (!self.has_settings_ && !self.failure_) co_await self.changed_.wait();
  };
  if (!has_settings_ && !failure_) {
    auto task = wait(*this);
    co_await io::with_timeout(std::move(task), endpoint_.timeout, stalled);
  }
  if (failure_) throw Failure(*failure_);
  if (!h2_.session().peer_allows_connect_protocol())
    throw Failure(not_nigh(endpoint_.address(), "it speaks HTTP/2 without extended CONNECT"));
}

http2::StreamId Connection::open(const http2::Fields& fields, http2::BodySource* body,
                                 Exchange& exchange) {
  if (failure_) throw Failure(*failure_);
  auto id = unwrap(h2_.submit_request(fields, body));
  streams_.emplace(id, Stream{&exchange});
  return id;
}

void Connection::abandon(http2::StreamId id, std::uint32_t code) {
  auto found = streams_.find(id);
  if (found == streams_.end()) return;
  streams_.erase(found);
  h2_.reset(id, code);
}

void Connection::consume_connection(std::size_t count) {
  if (!failure_ && count > 0) h2_.consume_connection(count);
}

void Connection::consume_stream(http2::StreamId id, std::size_t count) {
  if (!failure_ && count > 0 && streams_.contains(id)) h2_.consume_stream(id, count);
}

void Connection::consume(http2::StreamId id, std::size_t count) {
  if (failure_ || count == 0) return;
  if (streams_.contains(id))
    h2_.consume(id, count);
  else
    h2_.consume_connection(count);
}

ServerInfo Connection::describe() {
  if (kept_) return kept_->info;
  ServerInfo info;
  auto& tls = h2_.stream().engine();
  info.user = endpoint_.user;
  info.peer_address = peer_address_;
  info.tls_group = tls.group();
  info.tls_cipher = tls.cipher();
  info.host_fingerprint = host_fingerprint_;
  if (authenticator_) info.key_fingerprint = authenticator_->key_fingerprint();
  return info;
}

void Connection::ping() {
  constexpr std::uint64_t kOpaque = 0x6e69'6768;
  if (!failure_) h2_.ping(kOpaque);
}

void Connection::happened() { last_heard_ = last_happened_ = std::chrono::steady_clock::now(); }

void Connection::on_pong(std::uint64_t) { last_heard_ = std::chrono::steady_clock::now(); }

void Connection::on_goaway(http2::StreamId, std::uint32_t) {
  going_away_ = true;
  changed_.notify_all();
}

void Connection::on_settings() {
  happened();
  has_settings_ = true;
  changed_.notify_all();
}

void Connection::on_headers(http2::StreamId id, http2::Fields fields, bool) {
  happened();
  if (auto found = streams_.find(id); found != streams_.end())
    found->second.exchange->on_headers(fields);
}

void Connection::on_data(http2::StreamId id, std::string_view bytes) {
  happened();
  auto found = streams_.find(id);
  if (found == streams_.end()) return h2_.consume_connection(bytes.size());
  found->second.exchange->on_data(bytes);
}

void Connection::on_end(http2::StreamId id) {
  happened();
  auto found = streams_.find(id);
  if (found == streams_.end()) return;
  found->second.ended = true;
  found->second.exchange->on_end();
}

void Connection::on_close(http2::StreamId id, std::uint32_t error_code) {
  auto found = streams_.find(id);
  if (found == streams_.end()) return;
  auto stream = found->second;
  streams_.erase(found);
  if (stream.ended)
    stream.exchange->on_closed();
  else
    stream.exchange->on_reset(error_code, reset_error(endpoint_, error_code));
}

}  // namespace nigh::client
