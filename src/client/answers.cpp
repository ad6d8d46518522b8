// SPDX-License-Identifier: Apache-2.0
#include "client/answers.hpp"

#include <fmt/format.h>

#include <ctime>

#include "base/text.hpp"
#include "client/answer_json.hpp"

namespace nigh::client {
namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxText = 1024;  // of a text that is shown

Errc reaction_to(int status) {
  switch (status) {
    case 400:
    case 409:
    case 412:
    case 416:
      return Errc::usage;
    case 401:
    case 403:
      return Errc::refused;
    case 404:
      return Errc::not_found;
    case 408:
    case 504:
      return Errc::timeout;
    case 413:
    case 431:
      return Errc::too_large;
    case 423:
    case 429:
    case 502:
    case 503:
      return Errc::unavailable;
    case 405:
    case 406:
    case 415:
    case 501:
      return Errc::unsupported;
    default:
      return Errc::system;
  }
}

}  // namespace

Json parse_object(std::string_view text) {
  bool deep = false;
  auto shallow = [&](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > kMaxDepth;
    return !deep;
  };
  auto json = Json::parse(text, shallow, false);
  if (deep || !json.is_object()) return Json(Json::value_t::discarded);
  return json;
}

std::string text_of(const Json& object, const char* name) {
  auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return "";
  return printable(found->get_ref<const std::string&>().substr(0, kMaxText));
}

std::optional<std::chrono::system_clock::time_point> parse_time(const std::string& text) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  // system_clock's 64 bits of nanoseconds end in 2262.
  if (!end || *end != '\0' || parts.tm_year < 70 || parts.tm_year > 300) return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::unexpected<Error> not_understood(std::string_view what) {
  return fail(Errc::malformed,
              fmt::format("the server's answer about {} makes no sense: is it nigh, and not much "
                          "older or newer than this one?",
                          what));
}

Error parse_problem(int status, std::string_view body) {
  auto code = reaction_to(status);
  auto json = parse_object(body);
  std::string detail;
  if (!json.is_discarded()) detail = text_of(json, "detail");
  if (detail.empty() && !json.is_discarded()) detail = text_of(json, "title");
  if (detail.empty()) detail = fmt::format("the server answered with HTTP status {}", status);
  return {code, detail};
}

Result<ServerInfo> parse_server_info(std::string_view body) {
  auto json = parse_object(body);
  ServerInfo info;
  if (json.is_discarded()) return not_understood("itself");
  info.version = text_of(json, "version");
  info.user = text_of(json, "user");
  if (info.version.empty()) return not_understood("itself");
  if (auto features = json.find("features"); features != json.end() && features->is_array())
    for (const auto& feature : *features)
      if (feature.is_string()) info.features.push_back(printable(feature.get<std::string>()));
  return info;
}

Result<Token> parse_token(std::string_view body) {
  auto json = parse_object(body);
  if (json.is_discarded()) return not_understood("the token");
  auto expires = parse_time(text_of(json, "expires"));
  Token token;
  token.id = text_of(json, "id");
  token.text = text_of(json, "token");
  if (token.id.empty() || token.text.empty() || !expires) return not_understood("the token");
  token.expires = *expires;
  return token;
}

std::string token_request(std::chrono::seconds lifetime) {
  return fmt::format(R"({{"lifetime":{}}})", lifetime.count());
}

}  // namespace nigh::client
