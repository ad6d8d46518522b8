// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "service/sync/answers.hpp"
#include "service/sync/hard_links.hpp"
#include "service/sync/selected_lists.hpp"
#include "service/sync/sending.hpp"

namespace nigh::sync {

// What is to be done with one name.
struct Change {
  enum class What { create, update, attributes } what = What::create;
  files::Entry entry;
  std::uint64_t old_size = 0;              // update of a file by a file: how long that is
  std::optional<std::uint64_t> partial{};  // how much an earlier transfer left of it
  bool compare = false;                    // first compare contents: only the digest can tell
  bool relink = false;                     // the same, but perhaps not the same file as its others
  bool attributes_differ = false;          // of a file that may turn out to have the same content
};

struct FolderWork {
  std::string path;
  std::vector<Change> changes;
  std::vector<std::string> removals;
  bool in_target = true;  // the target has this folder
};

// Compares what the receiver lists with what is here, folder by folder. Knows nothing of sending.
class Plan {
 public:
  Plan(Sending& sending, const files::Directory& top, files::Selection& selection, bool contents)
      : sending_(sending),
        top_(top),
        lists_(top, selection),
        selection_(selection),
        contents_(contents) {}

  // In the order in which they come; a folder may come in several.
  void add(Listing listing);
  std::vector<FolderWork>& work() { return work_; }
  // What of a folder of the source takes part. Tells of what does not.
  Result<std::vector<files::Entry>> list(const files::Directory& directory,
                                         const std::string& path);

  // Another name of the same file that the target has as it is here; else one that was `sent`
  // before; nullopt: there is none, so it has to be sent. Only with Preserve::hard_links.
  std::optional<std::string> other_name(const files::Entry& entry, const std::string& path);

  // A file that the target has and the source has not, of this size and time: its path there.
  // Each is given out once.
  std::optional<std::string> take_extra(const files::Entry& entry);

 private:
  void add_whole(const Listing& listing);
  void merge(FolderWork& work, const Listing& listing, std::vector<files::Entry> own);
  void compare(FolderWork& work, const files::Entry& own, const files::Entry* theirs);
  void add_change(FolderWork& work, Change change);
  bool is_unchanged(const std::string& path) const;
  void note_extra(FolderWork* work, const std::string& folder, const files::Entry& theirs);

  Sending& sending_;
  const files::Directory& top_;
  SelectedLists lists_;
  files::Selection& selection_;
  const bool contents_;
  std::optional<Listing> begun_;  // of which more is to come
  std::vector<FolderWork> work_;
  std::optional<HardLinks> hard_links_;  // once somebody asks
  std::set<std::string> listed_;         // with hard links only: folders,
  std::set<std::string> changed_;        // and what is to be done in them
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> sent_;
  std::map<std::string, std::uint64_t> partials_;  // of the folder that is merged
  std::map<std::pair<std::uint64_t, files::Time>, std::vector<std::string>> extras_;
};

}  // namespace nigh::sync
