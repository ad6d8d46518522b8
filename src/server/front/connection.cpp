// SPDX-License-Identifier: Apache-2.0
#include "server/front/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "io/runtime.hpp"
#include "server/front/routes.hpp"
#include "server/front/small_streams.hpp"
#include "service/tunnel/target.hpp"

namespace nigh::server {
namespace {

// What a stranger's request may carry before somebody has looked at its credentials.
constexpr std::uint32_t kStrangerWindow = 4 * 1024;
constexpr std::uint32_t kDefaultWindow = 65'535;  // of the connection: it cannot be less

http2::Limits stranger_limits(const ConnectionSettings& settings) {
  http2::Limits limits;
  limits.stream_window = kStrangerWindow;
  limits.connection_window = kDefaultWindow;
  limits.concurrent_streams = std::min(settings.streams, Connection::kMaxStrangerStreams);
  limits.header_bytes = 32 * 1024;
  return limits;
}

// What a request brings to log in with. A CONNECT of plain HTTP/2 is for a proxy, which has fields
// of its own; our clients use the others there too.
struct Brought {
  const std::string* credentials;  // nullptr: none
  bool to_proxy;
};

Brought brought_by(const http2::Fields& fields) {
  if (const auto* given = http2::find(fields, "authorization")) return {given, false};
  const auto* method = http2::find(fields, ":method");
  const bool to_proxy =
      method != nullptr && *method == "CONNECT" && http2::find(fields, ":protocol") == nullptr;
  return {to_proxy ? http2::find(fields, "proxy-authorization") : nullptr, to_proxy};
}

// A connection that came over a relay has no address here (server/link/publication.hpp).
bool is_address(const tcp::endpoint& endpoint) { return endpoint.data()->sa_family != AF_UNIX; }

std::string endpoint_text(const tcp::endpoint& endpoint) {
  if (!is_address(endpoint)) return "localhost 0";
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return fmt::format("{} {}", address.to_string(), endpoint.port());
}

}  // namespace

Connection::Connection(tcp::socket socket, const io::TlsContext& tls, WorkerClient& worker,
                       KeptTunnels& tunnels, const ConnectionSettings& settings, std::string source,
                       Ask ask)
    : h2_(std::move(socket), tls, http2::Role::server, stranger_limits(settings), *this),
      shared_{h2_, worker, tunnels, h2_.stream().socket().get_executor(), std::move(source), {},
              {},  {},     false},
      settings_(settings),
      ask_(std::move(ask)),
      logged_in_(shared_.executor) {
  shared_.kept.most = settings.kept_bytes;
  shared_.agent_binding = settings.agent_binding;
  h2_.limit_received(kMaxStrangerBytes);
  boost::system::error_code gone;  // a peer that left already shows soon enough
  auto local = h2_.stream().socket().local_endpoint(gone);
  shared_.connection += " " + endpoint_text(local);
  shared_.relayed = !is_address(local);
}

Connection::~Connection() = default;

awaitable<void> Connection::serve() {
  co_await h2_.handshake();
  if (h2_.stream().engine().alpn() != "h2")
    throw Failure(Errc::refused, "the client offers no HTTP/2 (ALPN)");
  shared_.tls_group = h2_.stream().engine().group();
  shared_.tls_cipher = h2_.stream().engine().cipher();
  co_await h2_.run();
}

// Ends the connection, by failing, unless somebody logs in in time.
awaitable<void> Connection::watch_login() {
  try {
    co_await io::with_timeout(logged_in_.wait(), settings_.login, "");
  } catch (const Failure& failure) {
    if (failure.code() != Errc::timeout) throw;
    login_timed_out_ = true;
    throw Failure(Errc::timeout, "did not log in in time");
  }
  co_await logged_in_.wait();  // nothing more to watch: until cancelled
}

awaitable<void> Connection::run() {
  try {
    co_await io::until_either(serve(), watch_login());
    ended();
  } catch (const Failure& failure) {
    // Silence ends in other errors.
    if (failure.code() == Errc::closed) ended();
    throw;
  }
}

// By FIN or RST, as a client's kernel says it also for who was killed, and a relay's when the relay
// was: that client comes back.
void Connection::ended() { shared_.peer_left = !shared_.relayed || shared_.said_goodbye; }

// ---- requests ----------------------------------------------------------------------------------

void Connection::on_headers(http2::StreamId id, http2::Fields fields, bool /*end*/) {
  if (!authenticated_) return stranger(id, std::move(fields));
  if (draining_) return h2_.reset(id, http2::kRefusedStream);
  if (!still_valid(fields)) {
    auto [credentials, to_proxy] = brought_by(fields);
    return refuse_stranger(id, "the credentials are no longer valid",
                           to_proxy && credentials != nullptr);
  }
  open(id, fields);
}

// False: no room.
bool Connection::hold(http2::StreamId id, http2::Fields fields) {
  for (const auto& field : fields) held_bytes_ += field.name.size() + field.value.size();
  if (held_bytes_ > kMaxHeldFields) return false;
  held_.push_back({id, std::move(fields)});
  return true;
}

Connection::Held* Connection::find_held(http2::StreamId id) {
  auto found = std::ranges::find(held_, id, &Held::id);
  return found != held_.end() ? &*found : nullptr;
}

void Connection::stranger(http2::StreamId id, http2::Fields fields) {
  const auto [given, to_proxy] = brought_by(fields);
  if (!held_.empty()) {
    const bool same = given != nullptr && *given == authorization_;
    if (!same || !hold(id, std::move(fields))) h2_.reset(id, http2::kRefusedStream);
    return;
  }
  if (++attempts_ > kMaxAttempts) {
    refuse_stranger(id, "too many attempts to log in", to_proxy);
    return h2_.terminate(http2::kEnhanceYourCalm);
  }
  if (given == nullptr)
    return refuse_stranger(
        id, to_proxy ? "log in with a token as the password" : "log in with SSHSIG or Bearer",
        to_proxy);
  const auto* user = http2::find(fields, "nigh-user");
  auto credentials = to_proxy ? parse_proxy_credentials(*given)
                              : parse_credentials(*given, user != nullptr ? *user : "");
  if (!credentials) return refuse_stranger(id, credentials.error().message, to_proxy);
  authorization_ = *given;
  held_bytes_ = 0;
  hold(id, std::move(fields));  // header_bytes is below kMaxHeldFields
  ask_(static_cast<RequestId>(id), *std::move(credentials));
}

void Connection::refuse_stranger(http2::StreamId id, std::string detail, bool as_proxy) {
  auto problem = problem_of(Trouble::unauthorized, std::move(detail));
  if (as_proxy) problem.status = 407;
  streams_[id] = std::make_unique<ProblemStream>(shared_, id, problem);
}

// Later requests need no credentials; if they bring some, they must be the same.
bool Connection::still_valid(const http2::Fields& fields) const {
  if (shared_.login.expires && *shared_.login.expires <= ::time(nullptr)) return false;
  const auto* given = brought_by(fields).credentials;
  return given == nullptr || *given == authorization_;
}

void Connection::verdict(RequestId request, bool accepted, Login login) {
  if (held_.empty() || static_cast<RequestId>(held_[0].id) != request) return;
  if (accepted) {
    authenticated_ = true;
    shared_.login = std::move(login);
    h2_.lift_receive_limit();
    logged_in_.notify();
    http2::Limits full;
    full.concurrent_streams = settings_.streams;
    h2_.raise_limits(full);
  } else {
    Secret::wipe(authorization_);
  }
  for (auto& held : std::exchange(held_, {})) serve_held(std::move(held));
}

void Connection::serve_held(Held held) {
  if (held.closed || !authenticated_) h2_.consume_connection(held.data.size());
  if (held.closed) return;
  if (!authenticated_)
    return refuse_stranger(held.id, "the server does not accept this key or token for this account",
                           brought_by(held.fields).to_proxy);
  open(held.id, held.fields);
  auto* stream = streams_[held.id].get();
  if (!held.data.empty()) stream->on_data(held.data);
  if (held.ended) stream->on_end();
}

// A few bytes on the wire can be a large header: what streams may take of theirs counts.
void Connection::open(http2::StreamId id, const http2::Fields& fields) {
  if (http2::find(fields, tunnel::kRelayedField) != nullptr) shared_.relayed = true;
  std::size_t size = 0;
  for (const auto& field : fields) size += field.name.size() + field.value.size();
  if (shared_.kept.allows(size)) {
    streams_[id] = make_stream(shared_, id, fields);
    (void)streams_[id]->keep(size);
  } else {
    streams_[id] = std::make_unique<ProblemStream>(shared_, id, too_much_kept());
  }
}

void Connection::on_data(http2::StreamId id, std::string_view bytes) {
  if (auto found = streams_.find(id); found != streams_.end()) return found->second->on_data(bytes);
  if (auto* held = find_held(id))
    held->data += bytes;  // bounded by the stranger's window; consumed when it is served
  else
    h2_.consume_connection(bytes.size());
}

void Connection::on_end(http2::StreamId id) {
  if (auto found = streams_.find(id); found != streams_.end()) found->second->on_end();
  if (auto* held = find_held(id)) held->ended = true;
}

void Connection::on_close(http2::StreamId id, std::uint32_t /*code*/) {
  if (auto* held = find_held(id)) held->closed = true;
  auto stream = streams_.extract(id);
  if (stream) stream.mapped()->on_close();
}

void Connection::drain() {
  draining_ = true;
  h2_.go_away(http2::kNoError);
  std::vector<http2::StreamId> open;  // one that is reset may be closed at once
  for (const auto& [id, stream] : streams_) open.push_back(id);
  for (auto id : open)
    if (auto found = streams_.find(id); found != streams_.end()) found->second->on_drain();
}

}  // namespace nigh::server
