// SPDX-License-Identifier: Apache-2.0
#include "service/sync/small_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/attributes.hpp"
#include "service/sync/content_digest.hpp"
#include "service/sync/in_place.hpp"
#include "service/sync/sending.hpp"

namespace nigh::sync {
namespace {

using Action = TransferItem::Action;

Result<void> write_file(Receiving& receiving, const files::Directory& directory,
                        const FileRecord& record) {
  const auto& entry = record.entry;
  auto file = receiving.spec.in_place ? open_to_update(receiving, directory, entry.name, 0)
                                      : files::NewFile::create(directory, entry.name);
  if (!file) return std::unexpected(file.error());
  if (auto written = files::write_all(file->fd(), record.data, 0, file->path()); !written)
    return written;
  if (receiving.spec.in_place && file->initial_size() > entry.size &&
      ::ftruncate(file->fd(), static_cast<off_t>(entry.size)) != 0)
    return fail_errno("cannot shorten it", errno);
  return file->commit(directory, entry, receiving.preserve, receiving.durability);
}

bool is_folder(const files::Directory& directory, const std::string& name) {
  struct stat status{};
  return ::fstatat(directory.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(status.st_mode);
}

}  // namespace

bool remove_folder_in_the_way(const Receiving& receiving, const files::Directory& directory,
                              const std::string& name) {
  if (!is_folder(directory, name)) return false;
  if (::unlinkat(directory.fd(), name.c_str(), AT_REMOVEDIR) == 0) return true;
  auto ignore = [](const std::string&, const Error&) {};
  return receiving.spec.remove_extra && files::remove_tree(directory, name, ignore);
}

void write_small(Receiving& receiving, const SharedDirectory& directory, const std::string& path,
                 const FileRecord& record) {
  const auto& entry = record.entry;
  if (!receiving.spec.dry_run) {
    if (digest_of(record.data, receiving.spec.seed) != record.digest)
      throw Failure(Errc::malformed, "transfer: a file is not what its digest says");
    receiving.hub.begin_file(path);
    auto written = write_file(receiving, *directory, record);
    if (!written && record.update && remove_folder_in_the_way(receiving, *directory, entry.name))
      written = write_file(receiving, *directory, record);
    if (!written) return receiving.failed(path, written.error());
    receiving.hub.literal(record.data.size());
    receiving.hub.add_bytes(record.data.size());
  }
  receiving.hub.end_file();
  receiving.item({.action = record.update ? Action::updated : Action::created,
                  .path = path,
                  .size = entry.size,
                  .sent = entry.size,
                  .digest = receiving.hub.verbose() ? record.digest.hex() : std::string()});
}

void write_special(Receiving& receiving, const SharedDirectory& directory, const std::string& path,
                   const SpecialRecord& record) {
  if (!receiving.spec.dry_run) {
    auto made = files::make_special(*directory, record.entry, receiving.preserve);
    if (!made && record.update &&
        remove_folder_in_the_way(receiving, *directory, record.entry.name))
      made = files::make_special(*directory, record.entry, receiving.preserve);
    if (!made) return receiving.failed(path, made.error());
  }
  receiving.hub.end_file();
  receiving.item({.action = record.update ? Action::updated : Action::created,
                  .kind = public_kind(record.entry.kind),
                  .path = path});
}

void write_attributes(Receiving& receiving, const SharedDirectory& directory,
                      const std::string& path, const AttributesRecord& record) {
  const auto& entry = record.entry;
  if (!receiving.spec.dry_run) {
    Result<void> set;
    if (entry.kind == files::Kind::file) {
      auto fd = files::open_file(*directory, entry.name);
      set = fd ? files::apply(fd->get(), entry, receiving.preserve, directory->path_of(entry.name))
               : std::unexpected(fd.error());
    } else {
      set = files::apply_at(*directory, entry, receiving.preserve);
    }
    if (!set) return receiving.failed(path, set.error());
  }
  receiving.item({.action = Action::attributes,
                  .kind = public_kind(entry.kind),
                  .path = path,
                  .size = entry.size});
}

}  // namespace nigh::sync
