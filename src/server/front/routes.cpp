// SPDX-License-Identifier: Apache-2.0
#include "server/front/routes.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "server/front/channel_stream.hpp"
#include "server/front/dial_stream.hpp"
#include "server/front/files_stream.hpp"
#include "server/front/held_stream.hpp"
#include "server/front/listen_stream.hpp"
#include "server/front/process_streams.hpp"
#include "server/front/resumed_stream.hpp"
#include "server/front/session_list.hpp"
#include "server/front/small_streams.hpp"
#include "server/front/udp_stream.hpp"
#include "service/tunnel/target.hpp"

namespace nigh::server {
namespace {

struct Request {
  std::string_view method;
  std::string_view protocol;
  std::string_view path;   // without the query
  std::string_view query;  // behind the question mark
  std::string_view rest;   // of the path, behind the route's
  const http2::Fields& fields;
};

using Make = std::unique_ptr<Stream> (*)(Shared&, http2::StreamId, const Request&);

template <class S>
std::unique_ptr<Stream> make(Shared& shared, http2::StreamId id, const Request&) {
  return std::make_unique<S>(shared, id);
}

std::unique_ptr<Stream> make_run(Shared& shared, http2::StreamId id, const Request& request) {
  const auto* accept = http2::find(request.fields, "accept");
  if (accept != nullptr && accept->find(kFramesType) != accept->npos)
    return std::make_unique<FramedRunStream>(shared, id);
  return std::make_unique<JsonRunStream>(shared, id);
}

std::unique_ptr<Stream> make_revoke(Shared& shared, http2::StreamId id, const Request& request) {
  return std::make_unique<RevokeTokenStream>(shared, id, std::string(request.rest));
}

std::unique_ptr<Stream> make_files(Shared& shared, http2::StreamId id, const Request& request) {
  return std::make_unique<FilesStream>(shared, id, request.fields);
}

std::unique_ptr<Stream> make_channel(Shared& shared, http2::StreamId id, const Request& request) {
  return std::make_unique<ChannelStream>(shared, id, request.fields);
}

std::unique_ptr<Stream> make_attach(Shared& shared, http2::StreamId id, const Request& request) {
  return std::make_unique<HeldStream>(shared, id, std::string(request.rest));
}

std::unique_ptr<Stream> bad_query(Shared& shared, http2::StreamId id, const Request& request) {
  return std::make_unique<ProblemStream>(
      shared, id,
      problem_of(Trouble::bad_request, fmt::format("{} knows no ?{}", printable(request.path),
                                                   printable(request.query.substr(0, 100)))));
}

std::unique_ptr<Stream> make_ask(Shared& shared, http2::StreamId id, const Request& request) {
  const bool wait = request.query == "wait=1";
  if (!wait && !request.query.empty()) return bad_query(shared, id, request);
  return std::make_unique<AskSessionsStream>(shared, id, std::string(request.rest), wait);
}

std::unique_ptr<Stream> make_signal(Shared& shared, http2::StreamId id, const Request& request) {
  constexpr std::string_view kSignal = "signal=";
  if (!request.query.empty() && !request.query.starts_with(kSignal))
    return bad_query(shared, id, request);
  auto number = request.query.empty() ? run::signal_number("HUP")
                                      : run::signal_number(request.query.substr(kSignal.size()));
  if (!number)
    return std::make_unique<ProblemStream>(
        shared, id, problem_of(Trouble::bad_request, number.error().message));
  return std::make_unique<SignalSessionStream>(shared, id, std::string(request.rest), *number);
}

bool is_resumable(const http2::Fields& fields) {
  const auto* wish = http2::find(fields, tunnel::kResumableField);
  return wish != nullptr && *wish == "?1";
}

std::unique_ptr<Stream> make_dial(Shared& shared, http2::StreamId id, Reach reach,
                                  const Result<tunnel::HostPort>& target,
                                  const http2::Fields& fields) {
  if (!target)
    return std::make_unique<ProblemStream>(
        shared, id, problem_of(Trouble::bad_request, target.error().message));
  if (is_resumable(fields))
    return std::make_unique<DialStream<KeptTunnelStream>>(shared, id, reach, target->host,
                                                          target->port);
  return std::make_unique<DialStream<TunnelStream>>(shared, id, reach, target->host, target->port);
}

// CONNECT as RFC 9113 (8.5) has it, without a path.
std::unique_ptr<Stream> make_tunnel(Shared& shared, http2::StreamId id, std::string_view authority,
                                    const http2::Fields& fields) {
  return make_dial(shared, id, Reach::tcp, tunnel::parse_host_port(authority), fields);
}

std::unique_ptr<Stream> make_unix(Shared& shared, http2::StreamId id, const Request& request) {
  auto path = tunnel::parse_unix_segment(request.rest);
  if (!path)
    return make_dial(shared, id, Reach::unix_socket, std::unexpected(path.error()), request.fields);
  return make_dial(shared, id, Reach::unix_socket, tunnel::HostPort{*std::move(path)},
                   request.fields);
}

std::unique_ptr<Stream> make_udp(Shared& shared, http2::StreamId id, const Request& request) {
  auto target = tunnel::parse_udp_rest(request.rest);
  if (!target)
    return std::make_unique<ProblemStream>(
        shared, id, problem_of(Trouble::bad_request, target.error().message));
  return std::make_unique<UdpStream>(shared, id, *std::move(target));
}

std::unique_ptr<Stream> make_accepted(Shared& shared, http2::StreamId id, const Request& request) {
  auto found = shared.accepted.find(std::string(request.rest));
  if (found == shared.accepted.end())
    return std::make_unique<ProblemStream>(
        shared, id,
        problem_of(Trouble::not_found, "no such connection waits: it was fetched, or has left"));
  auto socket = found->second->take(found->first);
  if (is_resumable(request.fields))
    return std::make_unique<AcceptedStream<KeptTunnelStream>>(shared, id, std::move(socket));
  return std::make_unique<AcceptedStream<TunnelStream>>(shared, id, std::move(socket));
}

std::unique_ptr<Stream> make_resumed(Shared& shared, http2::StreamId id, const Request& request) {
  const auto* received = http2::find(request.fields, tunnel::kReceivedField);
  auto count = tunnel::parse_received(received != nullptr ? *received : "");
  if (!count)
    return std::make_unique<ProblemStream>(shared, id,
                                           problem_of(Trouble::bad_request, count.error().message));
  return std::make_unique<ResumedStream>(shared, id, std::string(request.rest), *count);
}

enum class Rest {
  none,
  segment,  // one more, not empty
  path,     // anything
};

struct Route {
  std::string_view method;
  std::string_view protocol;
  std::string_view path;
  Rest rest;
  Make make;
};

constexpr Route kRoutes[] = {
    {"GET", "", "/v1/", Rest::none, make<InfoStream>},
    {"POST", "", "/v1/run", Rest::none, make_run},
    {"CONNECT", "nigh-session", "/v1/sessions", Rest::none, make<SessionStream>},
    {"CONNECT", "nigh-session", "/v1/sessions/", Rest::segment, make_attach},
    {"GET", "", "/v1/sessions", Rest::none, make<ListSessionsStream>},
    {"GET", "", "/v1/sessions/", Rest::segment, make_ask},
    {"DELETE", "", "/v1/sessions/", Rest::segment, make_signal},
    {"POST", "", "/v1/tokens", Rest::none, make<IssueTokenStream>},
    {"DELETE", "", "/v1/tokens/", Rest::segment, make_revoke},
    {"GET", "", "/v1/files/", Rest::path, make_files},
    {"HEAD", "", "/v1/files/", Rest::path, make_files},
    {"PUT", "", "/v1/files/", Rest::path, make_files},
    {"DELETE", "", "/v1/files/", Rest::path, make_files},
    {"MKCOL", "", "/v1/files/", Rest::path, make_files},
    {"MOVE", "", "/v1/files/", Rest::path, make_files},
    {"CONNECT", "nigh-file", "/v1/files/", Rest::path, make_files},
    {"GET", "", "/v1/tree/", Rest::path, make_files},
    {"CONNECT", "nigh-sync", "/v1/sync", Rest::none, make_files},
    {"GET", "", "/v1/channels", Rest::none, make_channel},
    {"CONNECT", "nigh-channel", "/v1/channels/", Rest::segment, make_channel},
    {"CONNECT", tunnel::kUnixProtocol, tunnel::kUnixPath, Rest::path, make_unix},
    {"CONNECT", tunnel::kUdpProtocol, tunnel::kUdpPath, Rest::path, make_udp},
    {"POST", "", tunnel::kListenPath, Rest::none, make<ListenStream>},
    {"CONNECT", tunnel::kAcceptedProtocol, "/v1/listen/", Rest::segment, make_accepted},
    {"CONNECT", tunnel::kTunnelProtocol, tunnel::kTunnelPath, Rest::segment, make_resumed},
};

bool matches_path(const Route& route, std::string_view path) {
  if (route.rest == Rest::none) return path == route.path;
  if (!path.starts_with(route.path)) return false;
  auto rest = path.substr(route.path.size());
  return route.rest == Rest::path || (!rest.empty() && rest.find('/') == rest.npos);
}

std::string_view value_of(const http2::Fields& fields, std::string_view name) {
  const auto* value = http2::find(fields, name);
  return value != nullptr ? std::string_view(*value) : std::string_view();
}

}  // namespace

std::unique_ptr<Stream> make_stream(Shared& shared, http2::StreamId id,
                                    const http2::Fields& fields) {
  Request request{value_of(fields, ":method"),
                  value_of(fields, ":protocol"),
                  value_of(fields, ":path"),
                  {},
                  {},
                  fields};
  if (request.method == "CONNECT" && request.protocol.empty())
    return make_tunnel(shared, id, value_of(fields, ":authority"), fields);
  if (auto mark = request.path.find('?'); mark != request.path.npos) {
    request.query = request.path.substr(mark + 1);
    request.path = request.path.substr(0, mark);
  }
  bool known_path = false;
  for (const auto& route : kRoutes) {
    if (!matches_path(route, request.path)) continue;
    known_path = true;
    if (request.method != route.method || request.protocol != route.protocol) continue;
    request.rest = request.path.substr(route.path.size());
    return route.make(shared, id, request);
  }
  auto what = printable(request.path.substr(0, 100));
  if (known_path)
    return std::make_unique<ProblemStream>(
        shared, id,
        Problem{405, "method-not-allowed", "Method not allowed",
                fmt::format("{} does not take {}", what, printable(request.method.substr(0, 20)))});
  return std::make_unique<ProblemStream>(
      shared, id,
      Problem{404, "not-found", "Not found", fmt::format("there is no resource {}", what)});
}

}  // namespace nigh::server
