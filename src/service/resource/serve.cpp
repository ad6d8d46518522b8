// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "service/resource/handlers.hpp"
#include "service/resource/problem.hpp"
#include "service/resource/range.hpp"

namespace nigh::resource {
namespace {

constexpr std::string_view kFiles = "/v1/files/";
constexpr std::string_view kTree = "/v1/tree/";

struct Route {
  std::string_view prefix;
  std::string_view method;
  std::string_view protocol;                   // of CONNECT
  std::array<std::string_view, 3> parameters;  // that its query may have
  void (*handler)(Exchange&);
};

constexpr Route kRoutes[] = {
    {kFiles, "GET", "", {}, get_file},
    {kFiles, "HEAD", "", {}, get_file},
    {kFiles, "PUT", "", {"sync"}, put_file},
    {kFiles, "DELETE", "", {"recursive"}, delete_file},
    {kFiles, "MKCOL", "", {"parents"}, make_directory},
    {kFiles, "MOVE", "", {}, move_file},
    {kFiles, "CONNECT", "nigh-file", {"mode"}, access_file},
    {kTree, "GET", "", {"depth", "glob", "summary"}, list_tree},
};

Refused no_such_method(const RequestHead& head, std::string_view prefix) {
  std::string allowed;
  for (const auto& route : kRoutes) {
    if (route.prefix != prefix || !route.protocol.empty()) continue;
    if (!allowed.empty()) allowed += ", ";
    allowed += route.method;
  }
  auto detail = fmt::format("{}: not {} but {}", prefix, printable(head.method), allowed);
  return Refused(Problem{405, detail, {{"allow", allowed}}});
}

const Route& route_of(const RequestHead& head) {
  std::string_view prefix;
  for (const auto& route : kRoutes) {
    if (!head.path.starts_with(route.prefix)) continue;
    prefix = route.prefix;
    if (head.method == route.method && head.protocol == route.protocol) return route;
  }
  if (prefix.empty())
    throw Refused(404, fmt::format("{}: there is no such resource", printable(head.path)));
  throw no_such_method(head, prefix);
}

void check_parameters(const Route& route, const Query& query) {
  for (const auto& [name, value] : query)
    if (name.empty() || std::ranges::find(route.parameters, name) == route.parameters.end())
      throw Refused(400, fmt::format("request: {} {} takes no parameter \"{}\"", route.method,
                                     route.prefix, printable(name)));
}

// `taken`: how much of the body was read, when this throws.
void dispatch(Channel& channel, const RequestHead& head, const std::string& home,
              std::uint64_t& taken) {
  const auto& route = route_of(head);
  auto rest = std::string_view(head.path).substr(route.prefix.size());
  auto mark = std::min(rest.find('?'), rest.size());
  Request request{head, take(parse_place(rest.substr(0, mark), home)),
                  take(parse_query(rest.substr(std::min(mark + 1, rest.size())))), home};
  check_parameters(route, request.query);
  Exchange exchange(channel, request);
  try {
    route.handler(exchange);
  } catch (const Refused& refused) {
    taken = exchange.taken();
    if (!exchange.begun()) throw;
    throw Failure(Errc::system, refused.what());
  }
}

// Reads what is left of a body if its length is known and that is little. Clients that are answered
// while they send may lose the answer (curl before 8 does): where it costs nothing they are let
// finish.
void drop_small_rest(Channel& channel, const RequestHead& head, std::uint64_t taken) {
  constexpr std::uint64_t kSmall = 1 << 20;
  Request request{head, {}, {}, {}};
  auto length = parse_decimal(request.header("content-length").value_or(""));
  if (!length || *length < taken || *length - taken > kSmall) return;
  std::string rest(64 * 1024, '\0');
  while (channel.read(rest) > 0) {
  }
}

void send_problem(Channel& channel, const RequestHead& head, Problem problem) {
  auto body = encode(problem);
  auto headers = std::move(problem.headers);
  headers.push_back({"content-type", "application/problem+json"});
  headers.push_back({"content-length", fmt::format("{}", body.size())});
  channel.write(encode(ResponseHead{problem.status, std::move(headers)}));
  if (head.method != "HEAD") channel.write(body);
}

}  // namespace

void serve(Channel& channel, const RequestHead& head, const std::string& home) {
  std::uint64_t taken = 0;
  try {
    dispatch(channel, head, home, taken);
  } catch (const Refused& refused) {
    drop_small_rest(channel, head, taken);
    send_problem(channel, head, refused.problem());
  }
  channel.finish();
}

}  // namespace nigh::resource
