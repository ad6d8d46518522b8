// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <utility>

#include "files/attributes.hpp"
#include "files/directory.hpp"
#include "service/resource/request.hpp"
#include "service/resource/tree_lines.hpp"

namespace nigh::resource {

enum class Depth {
  self,      // the thing itself; a link is a link
  children,  // what a directory holds, or a link to one; anything else itself
  tree,      // all of what is below it, a directory before what it holds
};

// Lists places one after the other. What is below a place and cannot be read is a line, and the
// rest goes on. A place that cannot be read as a whole is Refused, or, with `paths`, a line.
class TreeListing {
 public:
  // `paths`: each line has a path that begins with what the place was asked for as.
  TreeListing(LineWriter& lines, Depth depth, bool paths)
      : lines_(lines), depth_(depth), paths_(paths) {}
  void add(const Place& place);

 private:
  void add_place(const Place& place);
  void add_itself(const Place& place);
  // `prefix` stands in front of the names: "" or "a/b/".
  void add_contents(const files::Directory& directory, const std::string& prefix);
  void add_entry(const files::Directory& directory, const std::string& prefix,
                 const files::Entry& entry);

  LineWriter& lines_;
  Depth depth_;
  bool paths_;
  files::Owners owners_;
};

// Sums places up, as du does: what several names have in common is counted where it comes first.
class TreeSummary {
 public:
  // `depth`: which directories below a place have a line of their own, before that of the place.
  TreeSummary(LineWriter& lines, Depth depth) : lines_(lines), depth_(depth) {}
  // `goes_on`: a place that cannot be read is a line, not Refused.
  void add(const Place& place, bool goes_on);

 private:
  void add_place(const Place& place);
  TreeTotal sum_entry(const files::Entry& entry);
  TreeTotal sum_directory(const files::Directory& directory, const std::string& shown, int level);

  LineWriter& lines_;
  Depth depth_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> counted_;  // device and inode
};

}  // namespace nigh::resource
