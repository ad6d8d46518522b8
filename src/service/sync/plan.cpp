// SPDX-License-Identifier: Apache-2.0
#include "service/sync/plan.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "files/names.hpp"

namespace nigh::sync {
namespace {

// Below this a file is sent as quickly as it is asked for.
constexpr std::uint64_t kWorthMoving = 512;

bool excluded(const files::Selection& selection, const std::string& path,
              const files::Entry& entry) {
  return selection.filter.excludes(path, entry.kind == files::Kind::directory);
}

std::string_view reason_to_skip(files::Kind kind) {
  if (kind == files::Kind::symlink) return "a link that leads to no file; --links copies it";
  return kind == files::Kind::fifo     ? "a FIFO; --specials copies it"
         : kind == files::Kind::socket ? "a socket; --specials copies it"
                                       : "a device; --specials copies it";
}

}  // namespace

void Plan::add(Listing listing) {
  if (begun_) {
    if (begun_->path != listing.path)
      throw Failure(Errc::malformed, "transfer: a listing within a listing");
    std::ranges::move(listing.entries, std::back_inserter(begun_->entries));
    begun_->last = listing.last;
  } else {
    begun_ = std::move(listing);
  }
  if (!begun_->last) return;
  auto whole = *std::exchange(begun_, std::nullopt);
  add_whole(whole);
}

Result<std::vector<files::Entry>> Plan::list(const files::Directory& directory,
                                             const std::string& path) {
  selection_.on_left_out = [this](std::string_view left_out, files::Kind kind) {
    sending_.skipped(std::string(left_out), kind, reason_to_skip(kind));
  };
  auto entries = lists_.list(directory, path, sending_.on_unreadable());
  selection_.on_left_out = nullptr;
  return entries;
}

void Plan::add_whole(const Listing& listing) {
  auto directory = top_.beneath(listing.path);
  if (!directory) {  // the target alone has it
    for (const auto& theirs : listing.entries) note_extra(nullptr, listing.path, theirs);
    return;
  }
  auto own = list(*directory, listing.path);
  if (!own) {
    sending_.listing_failed = true;
    return sending_.failed(directory->path(), own.error());
  }
  partials_.clear();
  for (const auto& partial : listing.partials) partials_[partial.name] = partial.size;
  FolderWork work{listing.path, {}, {}, listing.exists};
  if (sending_.preserve.hard_links) listed_.insert(listing.path);
  merge(work, listing, *std::move(own));
  work_.push_back(std::move(work));
}

void Plan::merge(FolderWork& work, const Listing& listing, std::vector<files::Entry> own) {
  auto theirs = listing.entries.begin();
  auto end = listing.entries.end();
  for (const auto& entry : own) {
    for (; theirs != end && theirs->name < entry.name; ++theirs)
      note_extra(&work, listing.path, *theirs);
    const bool both = theirs != end && theirs->name == entry.name;
    compare(work, entry, both ? &*theirs : nullptr);
    if (both) ++theirs;
  }
  for (; theirs != end; ++theirs) note_extra(&work, listing.path, *theirs);
}

void Plan::compare(FolderWork& work, const files::Entry& own, const files::Entry* theirs) {
  Change change{.entry = own};
  if (auto partial =
          partials_.find(files::partial_name(own.name).substr(files::partial_name("").size() - 16));
      partial != partials_.end())
    change.partial = partial->second;
  if (theirs == nullptr) return add_change(work, std::move(change));
  const bool folders = own.kind == files::Kind::directory && theirs->kind == files::Kind::directory;
  const bool files = own.kind == files::Kind::file && theirs->kind == files::Kind::file;
  const bool linked = sending_.preserve.hard_links && !folders;
  const bool same = files::same_content(own, *theirs);
  change.compare = files && sending_.spec.checksum && own.size == theirs->size && own.size > 0;
  if (files) change.old_size = theirs->size;
  const bool same_rest = files::same_attributes(own, sending_.owners.ours(own), *theirs,
                                                sending_.owners.theirs(*theirs), sending_.preserve);
  change.attributes_differ = !same || !same_rest;
  if (!same || change.compare)
    // Two folders differ by their times alone; what is in them is listed by itself.
    change.what = folders ? Change::What::attributes : Change::What::update;
  else if (linked && theirs->links > 1 && own.links < 2)
    change.what = Change::What::update;  // it must not change with another one
  else if (!same_rest)
    change.what = Change::What::attributes;
  else if (linked && own.links > 1)
    change.relink = true;
  else
    return;
  add_change(work, std::move(change));
}

void Plan::add_change(FolderWork& work, Change change) {
  // What lies in a folder does not change with the folder's own time.
  const bool a_folder_stays =
      change.entry.kind == files::Kind::directory && change.what == Change::What::attributes;
  if (sending_.preserve.hard_links && !change.relink && !a_folder_stays)
    changed_.insert(join(work.path, change.entry.name));
  work.changes.push_back(std::move(change));
}

// What lies in a folder that was not listed is the same there, unless the folder is new.
bool Plan::is_unchanged(const std::string& path) const {
  if (changed_.contains(path)) return false;
  for (auto folder = parent_of(path);; folder = parent_of(folder)) {
    if (changed_.contains(std::string(folder)) && !listed_.contains(std::string(folder)))
      return false;
    if (folder.empty()) return true;
  }
}

std::optional<std::string> Plan::other_name(const files::Entry& entry, const std::string& path) {
  if (!sending_.preserve.hard_links || entry.links < 2) return std::nullopt;
  if (!hard_links_) hard_links_.emplace().find(top_, lists_);
  for (const auto& name : hard_links_->names(entry))
    if (is_unchanged(name)) return name;
  auto [first, is_first] = sent_.try_emplace({entry.device, entry.inode}, path);
  if (is_first) return std::nullopt;
  return first->second;
}

void Plan::note_extra(FolderWork* work, const std::string& folder, const files::Entry& theirs) {
  auto path = join(folder, theirs.name);
  if (excluded(selection_, path, theirs)) return;
  if (theirs.kind == files::Kind::file && theirs.size >= kWorthMoving)
    extras_[{theirs.size, theirs.mtime}].push_back(path);
  if (work != nullptr && sending_.spec.remove_extra && contents_)
    work->removals.push_back(theirs.name);
}

std::optional<std::string> Plan::take_extra(const files::Entry& entry) {
  if (entry.kind != files::Kind::file) return std::nullopt;
  auto found = extras_.find({entry.size, entry.mtime});
  if (found == extras_.end()) return std::nullopt;
  auto path = std::move(found->second.back());
  found->second.pop_back();
  if (found->second.empty()) extras_.erase(found);
  return path;
}

}  // namespace nigh::sync
