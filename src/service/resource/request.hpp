// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "service/resource/resource.hpp"
#include "wire/percent.hpp"

namespace nigh::resource {

using wire::percent_decode;

// What a path below /v1/files/ or /v1/tree/ means on this machine. `text` is what follows that
// prefix, without the query. Errc::malformed: bad encoding, or a NUL.
struct Place {
  std::string asked;  // decoded: "/etc/hosts" or "~/x"; for messages, and to ask again
  std::string path;   // absolute
};
Result<Place> parse_place(std::string_view text, const std::string& home);

// "a=1&b=x", decoded, in the order in which they stand.
using Query = std::vector<std::pair<std::string, std::string>>;
Result<Query> parse_query(std::string_view text);

// One request, its head understood.
struct Request {
  const RequestHead& head;
  Place place;
  Query query;
  std::string home;

  // All fields of that name, joined with ", " as RFC 9110 (5.3) has it.
  std::optional<std::string> header(std::string_view name) const;
  std::optional<std::string> parameter(std::string_view name) const;
  // "1" and "0"; absent is false. Throws Refused (400) for any other value.
  bool flag(std::string_view name) const;
};

}  // namespace nigh::resource
