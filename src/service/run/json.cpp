// SPDX-License-Identifier: Apache-2.0
#include "service/run/json.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace nigh::run {
namespace {

// nlohmann's parser is not recursive in its input's depth but its values' destruction is; SPEC has
// two levels, so anything deep is refused while parsing.
constexpr int kMaxDepth = 4;

Result<std::uint16_t> read_u16(const Json& object, const char* name, std::uint16_t fallback) {
  if (!object.contains(name)) return fallback;
  if (!object[name].is_number_unsigned() || object[name].get<std::uint64_t>() > 0xFFFF)
    return bad(fmt::format("\"{}\" must be a number up to 65535", name));
  return object[name].get<std::uint16_t>();
}

}  // namespace

std::unexpected<Error> bad(std::string_view what) {
  return fail(Errc::malformed, fmt::format("request: {}", what));
}

Result<Json> parse_object(std::string_view text) {
  auto shallow = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth) throw Failure(Errc::malformed, "request: JSON is nested too deeply");
    return true;
  };
  try {
    auto json = Json::parse(text, shallow);
    if (!json.is_object()) return bad("not a JSON object");
    return json;
  } catch (const Failure& f) {
    return std::unexpected(f.error());
  } catch (const Json::exception&) {
    return bad("not valid JSON");
  }
}

Result<void> only_known(const Json& object, const std::set<std::string>& known) {
  for (const auto& [key, value] : object.items())
    if (!known.contains(key)) return bad(fmt::format("unknown member \"{}\"", printable(key)));
  return {};
}

Result<WindowSize> read_size(const Json& object) {
  const WindowSize usual;
  auto columns = read_u16(object, "columns", usual.columns),
       rows = read_u16(object, "rows", usual.rows),
       width = read_u16(object, "width", usual.width_pixels),
       height = read_u16(object, "height", usual.height_pixels);
  for (auto* number : {&columns, &rows, &width, &height})
    if (!*number) return std::unexpected(number->error());
  return WindowSize{*columns, *rows, *width, *height};
}

Json json_of(const WindowSize& size) {
  return {{"columns", size.columns},
          {"rows", size.rows},
          {"width", size.width_pixels},
          {"height", size.height_pixels}};
}

std::string Members::text(const char* name) {
  if (auto found = object_.find(name); found != object_.end() && found->is_string())
    return found->get<std::string>();
  if (wrong_.empty()) wrong_ = name;
  return {};
}

std::uint64_t Members::number(const char* name) {
  if (auto found = object_.find(name); found != object_.end() && found->is_number_unsigned())
    return found->get<std::uint64_t>();
  if (wrong_.empty()) wrong_ = name;
  return 0;
}

bool Members::flag(const char* name) {
  if (auto found = object_.find(name); found != object_.end() && found->is_boolean())
    return found->get<bool>();
  if (wrong_.empty()) wrong_ = name;
  return false;
}

Result<void> Members::all_read() const {
  if (wrong_.empty()) return {};
  return bad(fmt::format("{} lacks \"{}\", or it is of the wrong kind", message_, wrong_));
}

}  // namespace nigh::run
