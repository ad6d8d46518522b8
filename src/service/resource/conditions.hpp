// SPDX-License-Identifier: Apache-2.0
// Conditional requests (RFC 9110, section 13), as pure functions of fields and file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace nigh::resource {

struct Conditions {
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
  std::optional<std::string> if_modified_since;
  std::optional<std::string> if_unmodified_since;
  bool empty() const {
    return !if_match && !if_none_match && !if_modified_since && !if_unmodified_since;
  }
};

// What there is now.
struct Validators {
  bool exists = false;
  std::string etag;                      // with its quotes; strong. Empty: none (a directory)
  std::optional<std::int64_t> modified;  // in whole seconds, as last-modified says it
};

enum class Verdict {
  perform,
  not_modified,  // 304; only for GET and HEAD
  failed,        // 412
};

// In the order of section 13.2.2. `reads`: the method is GET or HEAD. A date that cannot be read is
// ignored, as the RFC wants it; a list of entity tags that cannot is Errc::malformed, because a
// client that sends one does not want the request to go on without it.
Result<Verdict> evaluate(const Conditions& conditions, const Validators& now, bool reads);

// If-Range: whether the range may be given. A tag must be equal and strong, a date exactly the one
// of the file.
bool allows_range(const std::string& if_range, const Validators& now);

}  // namespace nigh::resource
