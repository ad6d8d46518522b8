// SPDX-License-Identifier: Apache-2.0
#include "server/front/problem.hpp"

#include <nlohmann/json.hpp>

namespace nigh::server {

std::string encode(const Problem& problem) {
  nlohmann::json json{{"type", kProblemType + problem.type},
                      {"title", problem.title},
                      {"status", problem.status},
                      {"detail", problem.detail}};
  // A detail may quote what a client sent: bytes that are not UTF-8 are replaced.
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Problem problem_of(Trouble trouble, std::string detail) {
  switch (trouble) {
    case Trouble::not_permitted:
      return {403, "not-permitted", "Not permitted", detail};
    case Trouble::not_found:
      return {404, "not-found", "Not found", detail};
    case Trouble::not_executable:
      return {403, "not-executable", "Not executable", detail};
    case Trouble::bad_request:
      return {400, "bad-request", "Bad request", detail};
    case Trouble::unauthorized:
      return {401, "unauthorized", "Not authenticated", detail};
    case Trouble::busy:
      return {503, "busy", "A limit is reached", detail};
    case Trouble::exists:
      return {409, "exists", "There is one already", detail};
    case Trouble::no_sessions:
      return {503, "no-sessions", "Nothing outlives its connection here", detail};
    case Trouble::refused:
      return {502, "connection-refused", "Connection refused", detail};
    case Trouble::unreachable:
      return {502, "unreachable", "Unreachable", detail};
    case Trouble::name_not_found:
      return {502, "name-not-found", "No such host", detail};
    case Trouble::timed_out:
      return {504, "timed-out", "No answer in time", detail};
    case Trouble::in_use:
      return {409, "in-use", "In use", detail};
    case Trouble::internal:
      return {500, "internal", "It did not work", detail};
  }
  return {500, "internal", "It did not work", detail};
}

}  // namespace nigh::server
