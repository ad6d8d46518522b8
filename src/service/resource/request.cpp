// SPDX-License-Identifier: Apache-2.0
#include "service/resource/request.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "files/glob.hpp"
#include "service/resource/problem.hpp"

namespace nigh::resource {
namespace {

bool is_below_home(std::string_view path) { return path == "~" || path.starts_with("~/"); }

}  // namespace

Result<Place> parse_place(std::string_view text, const std::string& home) {
  auto bytes = percent_decode(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->find('\0') != bytes->npos)
    return fail(Errc::malformed, "request: a path cannot have a NUL in it");
  if (is_below_home(*bytes)) return Place{*bytes, files::absolute(*bytes, home)};
  auto path = "/" + *bytes;
  return Place{path, path};
}

Result<Query> parse_query(std::string_view text) {
  Query query;
  if (text.empty()) return query;
  for (auto part : split(text, '&')) {
    auto equals = std::min(part.find('='), part.size());
    auto name = percent_decode(part.substr(0, equals));
    auto value = percent_decode(part.substr(std::min(equals + 1, part.size())));
    if (!name) return std::unexpected(name.error());
    if (!value) return std::unexpected(value.error());
    query.emplace_back(*std::move(name), *std::move(value));
  }
  return query;
}

std::optional<std::string> Request::header(std::string_view name) const {
  std::optional<std::string> joined;
  for (const auto& field : head.headers) {
    if (field.name != name) continue;
    if (joined)
      *joined += ", " + field.value;
    else
      joined = field.value;
  }
  return joined;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

bool Request::flag(std::string_view name) const {
  auto value = parameter(name).value_or("0");
  if (value != "0" && value != "1")
    throw Refused(400,
                  fmt::format("request: \"{}\" is 1 or 0, not \"{}\"", name, printable(value)));
  return value == "1";
}

}  // namespace nigh::resource
