// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "files/directory.hpp"
#include "files/tree_digest.hpp"
#include "service/sync/answers.hpp"

namespace nigh::sync {

// Where a round goes. Paths of the sender's are relative to a folder of ours; the first part may
// have another name here (`cp old host:new`).
class Target {
 public:
  // As cp(1) and rsync(1) do: into a folder that is there, else under the destination's own name;
  // what is in a source goes into the destination itself, which is made if it is missing.
  // With `dry_run` nothing is made: then base() may be null.
  static Result<Target> find(const std::string& destination, const Round& round, bool dry_run);

  const files::Directory* base() const { return base_.get(); }
  std::shared_ptr<const files::Directory> shared_base() const { return base_; }
  const std::string& there_name() const { return there_; }
  bool renames() const { return !here_.empty(); }
  // A path of the sender's as it is here, and of a listing as the sender knows it.
  std::string here(std::string_view path) const;
  std::string there(std::string_view path) const;
  std::optional<std::vector<std::string>> names_here(const Round& round) const;

  // A folder that gets a new name keeps a note of that while it is not complete, so that the same
  // command, given again, goes on in it instead of into it.
  void leave_note() const;
  void remove_note() const;

 private:
  std::shared_ptr<const files::Directory> base_;
  std::string there_;  // the first part, if it is renamed
  std::string here_;
};

}  // namespace nigh::sync
