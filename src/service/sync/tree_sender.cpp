// SPDX-License-Identifier: Apache-2.0
#include "service/sync/tree_sender.hpp"

#include "files/new_file.hpp"

namespace nigh::sync {
namespace {

// Sent in batches with others, without a question before or an answer after.
constexpr std::uint64_t kSmall = 256 << 10;
// A small file that has a changed version over there may still be worth comparing.
constexpr std::uint64_t kSmallUpdate = 64 << 10;
constexpr int kReads = 3;

bool is_small(const Change& change, const Spec& spec) {
  if (change.compare || change.partial.value_or(0) > 0 || spec.in_place) return false;
  if (change.what == Change::What::update && change.old_size > kSmallUpdate && !spec.whole_file)
    return change.entry.size <= kSmallUpdate;
  return change.entry.size <= kSmall;
}

// Worth keeping, that is. Without a block on disk a file may also be one that is still being
// written there.
bool has_holes(const files::Directory& directory, const files::Entry& entry) {
  constexpr std::uint64_t kBlock = 4096;
  if (entry.allocated >= entry.size || entry.size <= kBlock) return false;
  auto fd = files::open_file(directory, entry.name);
  if (!fd) return false;
  auto data = files::next_data(fd->get(), 0, entry.size);
  return !data || data->length < entry.size;
}

}  // namespace

// What is in the top may agree while the top's own mode and time do not.
void TreeSender::send_top() {
  auto entry = files::stat_fd(top_.fd(), sending_.fields.xattrs, top_.path());
  if (entry) enter("", *entry, false, true);
}

void TreeSender::send(bool contents) {
  if (contents) send_top();
  for (auto& work : plan_.work()) {
    sending_.check_stopped();
    send_work(work, contents);
  }
  sending_.batch.flush();
  settle();
  send_links();
  if (!sending_.listing_failed) send_removals();
  sending_.batch.flush();
}

FolderId TreeSender::enter(const std::string& path, const files::Entry& entry, bool is_new,
                           bool set_attributes) {
  FolderRecord record{path, entry, is_new, set_attributes};
  record.entry.name = path.empty() ? "" : last_of(path);
  sending_.add(record, entry);
  if (is_new && !path.empty()) sending_.item(TransferItem::Action::created, entry, path);
  return next_folder_++;
}

void TreeSender::send_work(FolderWork& work, bool contents) {
  if (work.changes.empty() && work.removals.empty()) return;
  auto directory = top_.beneath(work.path);
  if (!directory) return sending_.failed(join(top_.path(), work.path), directory.error());
  auto entry = files::stat_fd(directory->fd(), sending_.fields.xattrs, directory->path());
  if (!entry) return sending_.failed(directory->path(), entry.error());
  const bool top = work.path.empty();
  auto folder = top && contents ? 0 : enter(work.path, *entry, !work.in_target, !top);
  for (const auto& change : work.changes) {
    sending_.check_stopped();
    send_change(folder, *directory, work.path, change);
  }
  if (!work.removals.empty()) removals_.emplace_back(folder, &work);
}

void TreeSender::send_change(FolderId folder, const files::Directory& directory,
                             const std::string& folder_path, const Change& change) {
  const auto path = join(folder_path, change.entry.name);
  const bool is_folder = change.entry.kind == files::Kind::directory;
  const bool may_be_same = change.relink || (change.compare && !change.attributes_differ);
  if (!is_folder && !may_be_same) ++handled_;
  if (change.relink) (void)send_as_link(folder, path, change);  // else nothing is to be done
  if (change.relink) return;
  if (!is_folder && send_as_link(folder, path, change)) return;
  if (change.what == Change::What::attributes) {
    if (is_folder) {  // it is entered so that its attributes are set last
      enter(path, change.entry, false, true);
    } else {
      sending_.add(AttributesRecord{folder, change.entry}, change.entry);
    }
    return sending_.item(TransferItem::Action::attributes, change.entry, path);
  }
  if (is_folder) return send_new_folder(directory, path, change.entry);
  if (change.entry.kind != files::Kind::file) return send_special(folder, path, change);
  if (change.what == Change::What::create && offer(folder, folder_path, change)) return;
  send_file(folder, directory, folder_path, change);
}

void TreeSender::send_file(FolderId folder, const files::Directory& directory,
                           const std::string& folder_path, const Change& change) {
  if (is_small(change, sending_.spec) && !has_holes(directory, change.entry))
    return send_small(folder, directory, join(folder_path, change.entry.name), change);
  while (large_.busy()) hear_(true);
  hear_(false);
  large_.send(folder, directory, folder_path, change);
}

// All of it is new: walked as it is sent.
void TreeSender::send_new_folder(const files::Directory& parent, const std::string& path,
                                 const files::Entry& entry) {
  auto directory = parent.child(entry.name);
  if (!directory) return sending_.failed(parent.path_of(entry.name), directory.error());
  auto folder = enter(path, entry, true, true);
  auto entries = plan_.list(*directory, path);
  if (!entries) return sending_.failed(directory->path(), entries.error());
  for (const auto& inside : *entries) {
    sending_.check_stopped();
    if (inside.kind != files::Kind::directory)
      send_change(folder, *directory, path, {.entry = inside});
  }
  for (const auto& inside : *entries)
    if (inside.kind == files::Kind::directory)
      send_new_folder(*directory, join(path, inside.name), inside);
}

// The whole file into content_, and what it was when it was read.
Result<files::Entry> TreeSender::read_small(const files::Directory& directory,
                                            const std::string& name) {
  for (int attempt = 0; attempt < kReads; ++attempt) {
    auto fd = files::open_selected(directory, name, sending_.preserve);
    if (!fd) return std::unexpected(fd.error());
    const auto path = directory.path_of(name);
    auto before = files::stat_fd(fd->get(), sending_.fields.xattrs, path);
    if (!before) return before;
    if (before->size > kSmall)
      return fail(Errc::unavailable, "it grew while it was copied: copy it again");
    resize_for_overwrite(content_, before->size);
    auto size = files::read_full(fd->get(), content_, 0, path);
    if (!size) return std::unexpected(size.error());
    auto after = files::stat_fd(fd->get(), false, path);
    if (!after) return after;
    if (*size == before->size && after->size == before->size && after->mtime == before->mtime) {
      before->name = name;
      return before;
    }
  }
  return fail(Errc::unavailable,
              "it changed while it was read, again and again: copy it when "
              "nothing writes to it");
}

void TreeSender::send_small(FolderId folder, const files::Directory& directory,
                            const std::string& path, const Change& change) {
  auto action = change.what == Change::What::create ? TransferItem::Action::created
                                                    : TransferItem::Action::updated;
  FileRecord record{.folder = folder, .update = change.what == Change::What::update};
  if (sending_.spec.dry_run) {
    record.entry = change.entry;
    record.entry.size = 0;
    sending_.add(record, record.entry);
    return sending_.item(action, change.entry, path);
  }
  auto entry = read_small(directory, change.entry.name);
  if (!entry) return sending_.failed(directory.path_of(change.entry.name), entry.error());
  record.entry = *entry;
  record.data = content_;
  record.digest = digest_of(content_, sending_.spec.seed);
  sending_.add(record, *entry);
  sending_.hub.begin_file(path);
  sending_.hub.literal(content_.size());
  sending_.hub.add_bytes(content_.size());
  sending_.hub.end_file();
  sending_.item(action, *entry, path, content_.size(),
                sending_.hub.verbose() ? record.digest.hex() : std::string());
}

void TreeSender::send_special(FolderId folder, const std::string& path, const Change& change) {
  sending_.add(SpecialRecord{folder, change.entry, change.what == Change::What::update},
               change.entry);
  sending_.hub.end_file();
  sending_.item(change.what == Change::What::create ? TransferItem::Action::created
                                                    : TransferItem::Action::updated,
                change.entry, path);
}

// One name of a file is sent as a file, or is there; the others become links to it, when all files
// are there.
bool TreeSender::send_as_link(FolderId folder, const std::string& path, const Change& change) {
  auto other = plan_.other_name(change.entry, path);
  if (!other) return false;
  if (*other == path) return true;  // the one that is there
  links_.push_back({LinkRecord{folder, change.entry, change.what == Change::What::update, *other},
                    path, change.relink});
  return true;
}

void TreeSender::send_links() {
  for (const auto& [link, path, quiet] : links_) {
    sending_.add(link, link.entry);
    if (quiet) continue;
    sending_.hub.end_file();
    sending_.item(TransferItem::Action::linked, link.entry, path, 0, {}, link.target);
  }
}

void TreeSender::send_removals() {
  for (const auto& [folder, work] : removals_) {
    for (const auto& name : work->removals) {
      sending_.batch.add(RemoveRecord{folder, {name}});
      sending_.item(TransferItem::Action::removed, {.name = name}, join(work->path, name));
    }
  }
}

// ---- what the target has under another name ----------------------------------------------------

bool TreeSender::offer(FolderId folder, const std::string& folder_path, const Change& change) {
  auto from = plan_.take_extra(change.entry);
  if (!from) return false;
  auto id = large_.next_id();
  sending_.add(CandidateRecord{id, folder, change.entry, *from, sending_.spec.remove_extra},
               change.entry);
  candidates_.emplace(id, Candidate{folder, folder_path, change, *from});
  return true;
}

// Both ends have begun to hash by now.
void TreeSender::settle_candidates() {
  for (auto& [id, candidate] : candidates_) {
    sending_.check_stopped();
    const auto& entry = candidate.change.entry;
    std::string hash(32, '\0');  // that no file has: it will be sent
    if (auto directory = top_.beneath(candidate.folder_path); directory && !sending_.spec.dry_run) {
      if (auto fd = files::open_selected(*directory, entry.name, sending_.preserve))
        if (auto own = files::sha256_file(fd->get(), directory->path_of(entry.name))) hash = *own;
    }
    sending_.batch.add(TakeRecord{id, hash});
  }
  sending_.batch.flush();
}

bool TreeSender::on_outcome(const Outcome& outcome) {
  auto found = candidates_.find(outcome.id);
  if (found == candidates_.end()) return false;
  auto candidate = std::move(found->second);
  candidates_.erase(found);
  const auto& entry = candidate.change.entry;
  if (outcome.verdict == Verdict::done) {
    sending_.hub.add_bytes(entry.size);
    sending_.hub.end_file();
    sending_.item(
        sending_.spec.remove_extra ? TransferItem::Action::moved : TransferItem::Action::copied,
        entry, join(candidate.folder_path, entry.name), 0, {}, candidate.from);
    return true;
  }
  if (auto directory = top_.beneath(candidate.folder_path))
    send_file(candidate.folder, *directory, candidate.folder_path, candidate.change);
  return true;
}

void TreeSender::settle() {
  settle_candidates();
  while (!candidates_.empty() || !large_.settled()) {
    sending_.batch.flush();
    hear_(true);
  }
}

}  // namespace nigh::sync
