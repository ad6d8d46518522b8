// SPDX-License-Identifier: Apache-2.0
#include "service/channel/opening.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "service/channel/frames.hpp"
#include "wire/base64.hpp"

namespace nigh::channel {
namespace {

constexpr std::size_t kMaxName = 64;

constexpr std::array<std::pair<std::string_view, Part>, 4> kParts{{
    {"send-stream", Part::send_stream},
    {"send", Part::send_messages},
    {"keep", Part::keep_messages},
    {"receive", Part::receive},
}};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

std::unexpected<Error> bad(std::string_view what) {
  return fail(Errc::malformed, printable(std::string(what.substr(0, 200))));
}

template <class Number>
bool read_number(std::string_view text, Number least, Number most, Number& into) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size() && into >= least && into <= most;
}

bool read_flag(std::string_view text, bool& into) {
  into = text == "1";
  return text == "0" || text == "1";
}

bool read_part(std::string_view text, Part& into) {
  const auto* found = std::ranges::find(kParts, text, &std::pair<std::string_view, Part>::first);
  if (found == kParts.end()) return false;
  into = found->second;
  return true;
}

bool read_sender(std::string_view text, std::string& into) {
  auto bytes = wire::base64url_decode(text);
  if (!bytes || bytes->size() != kSenderId) return false;
  into = *std::move(bytes);
  return true;
}

bool read_setting(std::string_view name, std::string_view value, Opening& into) {
  if (name == "part") return read_part(value, into.part);
  if (name == "sender") return read_sender(value, into.sender);
  if (name == "wait") return read_flag(value, into.wait);
  if (name == "most") return read_number<std::uint64_t>(value, 1, UINT64_MAX, into.most);
  if (name == "window") return read_number<std::uint32_t>(value, 1, kMaxWindow, into.window);
  return false;
}

}  // namespace

bool is_channel_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && name != "." && name != ".." &&
         std::ranges::all_of(name, is_name_character);
}

std::string path_of(const Opening& opening) {
  const auto* part =
      std::ranges::find(kParts, opening.part, &std::pair<std::string_view, Part>::second);
  auto path = fmt::format("{}{}?part={}", kPath, opening.channel, part->first);
  if (!opening.sender.empty()) path += fmt::format("&sender={}", wire::base64url(opening.sender));
  if (!opening.wait) path += "&wait=0";
  if (opening.part != Part::receive) return path;
  if (opening.most != UINT64_MAX) path += fmt::format("&most={}", opening.most);
  return path + fmt::format("&window={}", opening.window);
}

Result<Opening> parse_path(std::string_view path) {
  if (!path.starts_with(kPath)) return bad("there is no channel at that path");
  path.remove_prefix(kPath.size());
  auto mark = std::min(path.find('?'), path.size());
  Opening opening;
  opening.channel = path.substr(0, mark);
  if (!is_channel_name(opening.channel))
    return bad("the name of a channel is 1 to 64 letters, digits, dots, underscores and hyphens");
  path.remove_prefix(std::min(mark + 1, path.size()));
  while (!path.empty()) {
    auto end = std::min(path.find('&'), path.size());
    auto setting = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    auto equals = setting.find('=');
    if (equals == setting.npos ||
        !read_setting(setting.substr(0, equals), setting.substr(equals + 1), opening))
      return bad(fmt::format("a channel is not opened with {}", setting));
  }
  const bool sends = opening.part == Part::send_messages || opening.part == Part::keep_messages;
  if (sends == opening.sender.empty())
    return bad(sends ? "who sends messages needs an id" : "only who sends messages has an id");
  return opening;
}

}  // namespace nigh::channel
