// SPDX-License-Identifier: Apache-2.0
#include "service/sync/folders.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "files/attributes.hpp"
#include "service/sync/selected_lists.hpp"

namespace nigh::sync {

using Shared = std::shared_ptr<const files::Directory>;

Folders::Folder& Folders::at(FolderId id) {
  if (id >= folders_.size())
    throw Failure(Errc::malformed, "transfer: something in a folder that was not entered");
  return folders_[id];
}

const std::string& Folders::path(FolderId id) const { return folders_.at(id).path; }

Result<Shared> Folders::beneath(const std::string& path) const {
  if (path.empty()) return target_.shared_base();
  auto directory = target_.base()->beneath(target_.here(path));
  if (!directory) return std::unexpected(directory.error());
  return std::make_shared<const files::Directory>(*std::move(directory));
}

// A file, or a link, that has the name of a new folder gives way to it.
Result<Shared> Folders::make(const FolderRecord& record) {
  auto existing = beneath(record.path);
  if (existing || record.path.empty()) return existing;
  auto here = target_.here(record.path);
  auto parent = target_.base()->beneath(parent_of(here));
  if (!parent) return std::unexpected(parent.error());
  const std::string name(last_of(here));
  // Nobody else may look in before its mode is set, and we must be able to write in it.
  constexpr std::uint32_t kWhileFilled = 0700;
  auto made = parent->make_child(name, kWhileFilled);
  if (!made && existing.error().code == Errc::usage &&
      ::unlinkat(parent->fd(), name.c_str(), 0) == 0)
    made = parent->make_child(name, kWhileFilled);
  if (!made) return std::unexpected(made.error());
  receiving_.item(
      {.action = TransferItem::Action::created, .kind = FileKind::directory, .path = record.path});
  if (record.path.find('/') == record.path.npos) target_.leave_note();
  return std::make_shared<const files::Directory>(*std::move(made));
}

void Folders::remember(Folder& folder, Shared directory) {
  folder.open = std::move(directory);
  auto id = static_cast<FolderId>(&folder - folders_.data());
  if (opened_.size() < kMostOpen) return opened_.push_back(id);
  auto& oldest = opened_[next_opened_++ % kMostOpen];
  if (oldest != id) folders_[oldest].open.reset();
  oldest = id;
}

void Folders::add(const FolderRecord& record) {
  auto& folder =
      folders_.emplace_back(Folder{record.path, record.entry, record.set_attributes, false, {}});
  if (receiving_.spec.dry_run) {
    folder.failed = true;  // nothing is to be done in it
    if (record.is_new && !record.path.empty())
      receiving_.item({.action = TransferItem::Action::created,
                       .kind = FileKind::directory,
                       .path = record.path});
    return;
  }
  auto directory = record.is_new ? make(record) : beneath(record.path);
  if (!directory) {
    folder.failed = true;
    return receiving_.failed(record.path, directory.error());
  }
  remember(folder, *std::move(directory));
}

Shared Folders::open(FolderId id) {
  auto& folder = at(id);
  if (folder.failed || folder.open) return folder.open;
  auto directory = beneath(folder.path);
  if (!directory) {
    folder.failed = true;
    receiving_.failed(folder.path, directory.error());
    return nullptr;
  }
  remember(folder, *directory);
  return *directory;
}

void Folders::finish() {
  for (auto id = folders_.size(); id-- > 0;) {
    auto& folder = folders_[id];
    if (!folder.set_attributes || folder.failed) continue;
    auto directory = open(id);
    if (!directory) continue;
    if (auto set =
            files::apply(directory->fd(), folder.entry, receiving_.preserve, directory->path());
        !set)
      receiving_.failed(folder.path, set.error());
  }
}

}  // namespace nigh::sync
