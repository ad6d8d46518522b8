// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "files/attributes.hpp"
#include "files/tree_digest.hpp"
#include "service/sync/answers.hpp"

namespace nigh::sync {

// Users and groups of the two machines, which agree on names, not on numbers.
class OwnerTables {
 public:
  explicit OwnerTables(const files::Preserve& preserve) : preserve_(preserve) {}

  // What the peer has to be told before it is sent this entry.
  std::optional<OwnerNames> news_about(const files::Entry& entry);
  void learn(const OwnerNames& names);

  files::ComparedOwner ours(const files::Entry& entry);
  files::ComparedOwner theirs(const files::Entry& entry) const;
  // The peer's numbers become those that its names have here.
  void localize(files::Entry& entry);
  files::Owners& local() { return local_; }

 private:
  const files::Preserve preserve_;
  files::Owners local_;
  std::set<std::pair<bool, std::uint32_t>> told_;
  std::map<std::pair<bool, std::uint32_t>, std::string> peer_;
};

}  // namespace nigh::sync
