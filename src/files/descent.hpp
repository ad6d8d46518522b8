// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "files/directory.hpp"

namespace nigh::files {

// The way down from a directory and back, one name at a time, for walks of any depth: only the
// deepest kKeptOpen levels have a descriptor. A level that was closed is opened again through ".."
// of the one below it and must be the same directory (device and inode) as before.
class Descent {
 public:
  static constexpr std::size_t kKeptOpen = 64;

  explicit Descent(const Directory& top) : top_(&top) {}  // which must outlive it

  const Directory& here() const { return open_.empty() ? *top_ : open_.back(); }
  std::size_t depth() const { return closed_.size() + open_.size(); }
  Result<void> enter(std::string_view name);
  // depth() > 0. Errc::system if the tree was moved meanwhile: then the walk cannot go on.
  Result<void> leave();

 private:
  struct Identity {
    std::uint64_t device, inode;
    std::string path;
  };
  Result<void> close_oldest();
  Result<void> reopen_last();

  const Directory* top_;
  std::vector<Identity> closed_;  // from the top down
  std::deque<Directory> open_;    // below those
};

}  // namespace nigh::files
