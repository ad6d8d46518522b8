// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/channel.hpp"
#include "service/sync/folders.hpp"
#include "service/sync/large_file.hpp"
#include "service/sync/permission.hpp"
#include "service/sync/questions.hpp"
#include "service/sync/receiving.hpp"
#include "service/sync/selected_lists.hpp"
#include "service/sync/small_writer.hpp"
#include "service/sync/workers.hpp"
#include "service/sync/written.hpp"

namespace nigh::sync {

// The end that has the target. It tells what is there where the digests differ, and does what the
// sender says, as far as that is within what was asked for: names are checked, and everything is
// reached from the target's descriptor without following a link.
// run() reads and makes folders; workers write files; one more thread answers questions.
class Receiver {
 public:
  Receiver(ByteChannel& channel, FrameReader& reader, FrameWriter& writer, const Spec& spec,
           std::string destination, Permission permission, Hub& hub, bool is_client);
  ~Receiver();

  // Until the sender says good-bye. Throws Failure if the transfer as a whole failed.
  void run();

 private:
  // Of one round.
  struct State {
    State(Receiving& receiving, Target found, Round wanted)
        : round(std::move(wanted)),
          target(std::move(found)),
          folders(receiving, target),
          questions(receiving, target) {}
    Round round;
    Target target;
    Folders folders;
    Questions questions;
    std::optional<files::TreeDigest> tree;
    std::vector<Digests::Folder> theirs;
    bool listed = false;
    bool drained = false;  // what depends on complete files may go on
    std::unordered_map<FileId, CandidateRecord> candidates;
    // {folder, temporary name}: what earlier transfers left and this one has not gone on with.
    std::set<std::pair<std::string, std::string>> leftovers;
  };

  void handle_next();
  void handle(const Received& frame);
  void write_what_came();
  State& state();

  // receiver_compare.cpp
  void begin_round(Round round);
  void on_digests(Digests digests);
  void list_differing(const std::vector<Digests::Folder>& theirs);
  void list_all(SelectedLists& lists, const std::string& path);
  void list_one(SelectedLists& lists, const std::string& path);
  void send_listing(Listing listing);
  void end_listing();
  void note_leftovers(const std::string& path, const std::vector<std::string>& temporaries);
  void remove_leftovers();

  // receiver_records.cpp
  void on_batch(const Received& frame);
  void on_data(const Received& frame);
  void on_record(const Received& frame, FolderRecord& record);
  void on_record(const Received& frame, FileRecord& record);
  void on_record(const Received& frame, SpecialRecord& record);
  void on_record(const Received& frame, AttributesRecord& record);
  void on_record(const Received& frame, LinkRecord& record);
  void on_record(const Received& frame, LargeRecord& record);
  void on_record(const Received& frame, CopiesRecord& record);
  void on_record(const Received& frame, LiteralRecord& record);
  void on_record(const Received& frame, EndRecord& record);
  void on_record(const Received& frame, CandidateRecord& record);
  void on_record(const Received& frame, TakeRecord& record);
  void on_record(const Received& frame, RemoveRecord& record);
  template <class R>
  std::string checked_path(const R& record);
  template <class R>
  void write_in_worker(const Received& frame, R& record,
                       void (*write)(Receiving&, const SharedDirectory&, const std::string&,
                                     const R&));
  void localize(FolderId folder, files::Entry& entry);
  void add_to_large(FileId id, std::size_t weight, std::function<void(LargeFile&)> task);
  Result<bool> make_link(const LinkRecord& record, const files::Directory& directory);
  void drain_once();

  void drain();
  void finish_round(const Complete& complete);

  ByteChannel& channel_;
  FrameReader& reader_;
  Receiving receiving_;
  const std::string destination_;
  const Permission permission_;
  OwnerTables owners_;
  std::optional<State> state_;
  std::unordered_map<FileId, std::shared_ptr<LargeFile>> large_;
  WrittenReports written_;
  Workers workers_;
  Workers answering_;
  bool over_ = false;
};

}  // namespace nigh::sync
