// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/sync/large_sender.hpp"
#include "service/sync/plan.hpp"

namespace nigh::sync {

// Sends what a plan says: folders, small files and everything that is no file; large files go to
// LargeSender. One object a round.
class TreeSender {
 public:
  // `hear` handles answers that have come; with true it waits for one.
  TreeSender(Sending& sending, const files::Directory& top, Plan& plan, LargeSender& large,
             std::function<void(bool wait)> hear)
      : sending_(sending), top_(top), plan_(plan), large_(large), hear_(std::move(hear)) {}

  // Until nothing is left to be sent and every outcome is known. `contents`: the top is ours to
  // change; else only what is named in it.
  void send(bool contents);
  // Files, links and so on that were looked at one by one; all others need nothing.
  std::uint64_t handled() const { return handled_; }
  // True: it was about one of ours.
  bool on_outcome(const Outcome& outcome);

 private:
  struct Candidate {
    FolderId folder = 0;
    std::string folder_path;
    Change change;
    std::string from;
  };

  void send_top();
  void send_work(FolderWork& work, bool contents);
  void send_change(FolderId folder, const files::Directory& directory,
                   const std::string& folder_path, const Change& change);
  void send_file(FolderId folder, const files::Directory& directory, const std::string& folder_path,
                 const Change& change);
  void send_new_folder(const files::Directory& parent, const std::string& path,
                       const files::Entry& entry);
  FolderId enter(const std::string& path, const files::Entry& entry, bool is_new,
                 bool set_attributes);
  void send_small(FolderId folder, const files::Directory& directory, const std::string& path,
                  const Change& change);
  Result<files::Entry> read_small(const files::Directory& directory, const std::string& name);
  void send_special(FolderId folder, const std::string& path, const Change& change);
  bool send_as_link(FolderId folder, const std::string& path, const Change& change);
  bool offer(FolderId folder, const std::string& folder_path, const Change& change);
  void settle_candidates();
  void settle();
  void send_links();
  void send_removals();

  Sending& sending_;
  const files::Directory& top_;
  Plan& plan_;
  LargeSender& large_;
  std::function<void(bool)> hear_;
  FolderId next_folder_ = 0;
  std::uint64_t handled_ = 0;
  struct Link {
    LinkRecord record;
    std::string path;
    bool quiet;  // it may well be one already
  };
  std::vector<Link> links_;
  std::unordered_map<FileId, Candidate> candidates_;
  std::vector<std::pair<FolderId, FolderWork*>> removals_;
  std::string content_;  // of the small file that is sent
};

}  // namespace nigh::sync
