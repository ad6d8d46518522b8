// SPDX-License-Identifier: Apache-2.0
#include "service/resource/unfinished.hpp"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "files/failure.hpp"
#include "files/names.hpp"

namespace nigh::resource {

Result<UnfinishedFile> UnfinishedFile::open(const files::Directory& directory,
                                            const std::string& name) {
  // With a slash, which no name has: it cannot be what open_partial() makes of another name.
  auto temporary = files::partial_name("upload/" + name);
  auto path = directory.path_of(name);
  auto file = files::open_locked(directory.fd(), temporary, path);
  if (!file) return std::unexpected(file.error());
  return UnfinishedFile(*std::move(file), std::move(temporary), std::move(path));
}

Result<void> UnfinishedFile::commit(const files::Directory& directory, const files::Entry& entry,
                                    const files::Preserve& preserve, files::Durability durability) {
  auto applied = files::apply(fd(), entry, preserve, path_);
  if (durability == files::Durability::file && ::fdatasync(fd()) != 0)
    return files::fail_file("cannot write", path_, errno);
  if (::renameat(directory.fd(), temporary_.c_str(), directory.fd(), entry.name.c_str()) != 0)
    return files::fail_file("cannot replace", path_, errno);
  return applied;
}

void UnfinishedFile::discard(const files::Directory& directory) {
  (void)::unlinkat(directory.fd(), temporary_.c_str(), 0);  // gone already is as good
}

}  // namespace nigh::resource
