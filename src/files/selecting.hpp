// SPDX-License-Identifier: Apache-2.0
// list_selected() in its parts, for walks that keep no list of entries.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "files/name_list.hpp"
#include "files/tree_digest.hpp"

namespace nigh::files {

struct Listing {
  const Directory& directory;
  std::string_view path;  // of the directory, relative to the top
  Selection& selection;   // its filter's folders are entered, and not left
  const OnFailed& on_failed;
  std::vector<std::string>* temporaries;
};

// Calls `take` with each entry that takes part, sorted, until it says false. The Entry is the same
// object each time; `take` may move from it. `names` is room that is used again.
Result<void> each_selected(const Listing& listing, NameList& names,
                           const std::function<bool(Entry&)>& take);

}  // namespace nigh::files
