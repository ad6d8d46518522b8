// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "files/directory.hpp"

namespace nigh::files {

// The names in a directory, sorted by their bytes, in 17 bytes and their length each: a folder of a
// million files stays small, and one list serves for many directories without allocating anew.
class NameList {
 public:
  // Replaces what is in the list. "." and ".." are left out, our temporary names are not.
  Result<void> read(const Directory& directory);
  void clear();
  void add(std::string_view name, unsigned char type = 0);  // at the end

  std::size_t size() const { return items_.size(); }
  std::string_view operator[](std::size_t i) const { return {c_str(i), items_[i].length}; }
  const char* c_str(std::size_t i) const { return bytes_.data() + items_[i].offset; }
  unsigned char type(std::size_t i) const { return items_[i].type; }  // DT_…, as readdir(3)
  bool contains(std::string_view name) const;                         // of a sorted list

 private:
  struct Item {
    std::uint64_t start;  // the first bytes of the name, comparable as a number
    std::uint32_t offset;
    std::uint16_t length;
    unsigned char type;
  };
  bool before(const Item& a, const Item& b) const;

  std::string bytes_;  // the names, each with a NUL
  std::vector<Item> items_;
};

}  // namespace nigh::files
