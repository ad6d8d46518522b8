// SPDX-License-Identifier: Apache-2.0
// How the JSON of control frames is read: for the .cpp files that encode and decode messages.
#pragma once

#include <nigh/types.hpp>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::run {

using Json = nlohmann::json;

std::unexpected<Error> bad(std::string_view what);

// An object, nested no deeper than any message is.
Result<Json> parse_object(std::string_view text);
Result<void> only_known(const Json& object, const std::set<std::string>& known);

// "columns", "rows", "width" and "height" of an object that may have more. Absent: as WindowSize
// has them.
Result<WindowSize> read_size(const Json& object);
Json json_of(const WindowSize& size);

// Members that must be there and of their kind: read them all, then ask once.
class Members {
 public:
  Members(const Json& object, std::string_view message) : object_(object), message_(message) {}
  std::string text(const char* name);
  std::uint64_t number(const char* name);
  bool flag(const char* name);
  Result<void> all_read() const;

 private:
  const Json& object_;
  std::string_view message_;
  std::string wrong_;  // the first one that is not as it must be
};

}  // namespace nigh::run
