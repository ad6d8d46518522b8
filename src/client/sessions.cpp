// SPDX-License-Identifier: Apache-2.0
#include "client/sessions.hpp"

#include "client/request.hpp"
#include "client/session_answers.hpp"
#include "service/run/messages.hpp"

namespace nigh::client {
namespace {

constexpr std::size_t kMaxList = 4 << 20;  // thousands of sessions

}  // namespace

awaitable<std::vector<SessionInfo>> list_sessions(Connection& connection) {
  auto reply = co_await request(connection, {.path = "/v1/sessions", .limit = kMaxList});
  co_return unwrap(parse_sessions(reply.body));
}

awaitable<SessionInfo> look_up_session(Connection& connection, std::string id_or_name) {
  auto sessions = co_await list_sessions(connection);
  co_return unwrap(find_session(sessions, id_or_name));
}

awaitable<void> end_session(Connection& connection, std::string id_or_name, std::string signal) {
  unwrap(run::signal_number(signal));
  auto session = co_await look_up_session(connection, std::move(id_or_name));
  co_await fetch(connection, "DELETE", "/v1/sessions/" + session.id + "?signal=" + signal);
}

awaitable<ExitStatus> wait_session(Connection& connection, std::string id_or_name) {
  auto session = co_await look_up_session(connection, std::move(id_or_name));
  Request what{.path = "/v1/sessions/" + session.id + "?wait=1"};
  what.time_limit = io::Duration::max();
  auto reply = co_await request(connection, std::move(what));
  auto after = unwrap(parse_session(reply.body));
  if (!after.exit)
    throw Failure(Errc::malformed, "the server says that a session has ended, but not how");
  co_return *after.exit;
}

}  // namespace nigh::client
