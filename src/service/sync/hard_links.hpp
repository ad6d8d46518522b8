// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "service/sync/selected_lists.hpp"

namespace nigh::sync {

// Which names of the source are one file. Only files with several names cost memory.
class HardLinks {
 public:
  // Walks the whole tree.
  void find(const files::Directory& top, SelectedLists& lists);
  // All names of the file, in the order of digest_tree(); at least the one that is asked with.
  const std::vector<std::string>& names(const files::Entry& entry) const;

 private:
  void walk(const files::Directory& directory, const std::string& path, SelectedLists& lists);
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<std::string>> names_;
};

}  // namespace nigh::sync
