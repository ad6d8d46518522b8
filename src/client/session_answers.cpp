// SPDX-License-Identifier: Apache-2.0
#include "client/session_answers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "client/answer_json.hpp"
#include "service/run/messages.hpp"

namespace nigh::client {
namespace {

bool flag_of(const Json& object, const char* name) {
  auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::uint64_t number_of(const Json& object, const char* name) {
  auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::uint16_t small_number_of(const Json& object, const char* name) {
  return static_cast<std::uint16_t>(std::min<std::uint64_t>(number_of(object, name), 0xFFFF));
}

std::vector<std::string> clients_of(const Json& object) {
  std::vector<std::string> out;
  auto found = object.find("clients");
  if (found == object.end() || !found->is_array()) return out;
  for (const auto& client : *found)
    if (client.is_string()) out.push_back(printable(client.get<std::string>()));
  return out;
}

// An id goes into paths: nothing that has a meaning there.
bool is_session_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

Result<SessionInfo> session_of(const Json& json) {
  if (!json.is_object()) return not_understood("a session");
  SessionInfo info;
  info.id = text_of(json, "id");
  auto created = parse_time(text_of(json, "created"));
  if (!is_session_id(info.id) || !created) return not_understood("a session");
  info.name = text_of(json, "name");
  info.command = text_of(json, "command");
  info.created = *created;
  info.terminal = flag_of(json, "terminal");
  info.keep = flag_of(json, "keep");
  info.clients = clients_of(json);
  if (auto size = json.find("size"); size != json.end() && size->is_object())
    info.size = {small_number_of(*size, "columns"), small_number_of(*size, "rows")};
  constexpr std::uint64_t kMostIdle = 1ull << 32;
  info.idle = std::chrono::seconds(std::min(number_of(json, "idle"), kMostIdle));
  if (auto exit = json.find("exit"); exit != json.end() && exit->is_object()) {
    auto status = run::decode_exit(exit->dump(-1, ' ', false, Json::error_handler_t::replace));
    if (!status) return std::unexpected(status.error());
    info.exit = *std::move(status);
  }
  return info;
}

}  // namespace

Result<std::vector<SessionInfo>> parse_sessions(std::string_view body) {
  auto json = parse_object(body);
  auto list = json.is_discarded() ? json.end() : json.find("sessions");
  if (list == json.end() || !list->is_array()) return not_understood("its sessions");
  std::vector<SessionInfo> out;
  for (const auto& one : *list) {
    auto info = session_of(one);
    if (!info) return std::unexpected(info.error());
    out.push_back(*std::move(info));
  }
  return out;
}

Result<SessionInfo> parse_session(std::string_view body) { return session_of(parse_object(body)); }

}  // namespace nigh::client
