// SPDX-License-Identifier: Apache-2.0
#include "client/sessions.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "client/request.hpp"
#include "client/session_answers.hpp"
#include "service/run/messages.hpp"

namespace nigh::client {
namespace {

constexpr std::size_t kMaxList = 4 << 20;  // thousands of sessions

Error no_session(std::string_view id_or_name) {
  return {Errc::not_found,
          fmt::format("there is no session '{}': `nigh sessions` lists those that there are",
                      printable(id_or_name))};
}

}  // namespace

awaitable<std::vector<SessionInfo>> list_sessions(Connection& connection) {
  auto reply = co_await request(connection, {.path = "/v1/sessions", .limit = kMaxList});
  co_return unwrap(parse_sessions(reply.body));
}

// By itself, not in the list, for which all sessions are asked.
awaitable<SessionInfo> look_up_session(Connection& connection, std::string id_or_name) {
  if (!run::is_session_name(id_or_name)) throw Failure(no_session(id_or_name));
  Reply reply;
  try {
    reply = co_await request(connection, {.path = "/v1/sessions/" + id_or_name});
  } catch (const Failure& failure) {
    if (failure.code() == Errc::not_found) throw Failure(no_session(id_or_name));
    throw;
  }
  co_return unwrap(parse_session(reply.body));
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
