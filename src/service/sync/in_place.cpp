// SPDX-License-Identifier: Apache-2.0
#include "service/sync/in_place.hpp"

namespace nigh::sync {

Result<files::NewFile> open_to_update(const Receiving& receiving, const files::Directory& directory,
                                      const std::string& name, std::uint64_t copied) {
  auto there = files::stat_entry(directory, name, false);
  const bool own = !there || (there->kind == files::Kind::file &&
                              !(receiving.preserve.hard_links && there->links > 1));
  if (own) return files::NewFile::open_in_place(directory, name);
  auto file = files::NewFile::create(directory, name);
  if (!file || copied == 0) return file;
  auto old = files::open_file(directory, name);
  if (!old) return std::unexpected(old.error());
  if (auto done = files::copy_with_holes(old->get(), file->fd(), copied, file->path()); !done)
    return std::unexpected(done.error());
  return file;
}

}  // namespace nigh::sync
