// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "files/directory.hpp"
#include "files/entry.hpp"

namespace nigh::files {

// Names of users and groups, looked up once each. Empty: this machine has no name for it. Not for
// two threads at once.
class Owners {
 public:
  const std::string& user(std::uint32_t uid);
  const std::string& group(std::uint32_t gid);
  // The number that a name has here; `otherwise` if it has none.
  std::uint32_t uid(const std::string& name, std::uint32_t otherwise);
  std::uint32_t gid(const std::string& name, std::uint32_t otherwise);

 private:
  std::map<std::uint32_t, std::string> users_, groups_;
  std::map<std::string, std::uint32_t> uids_, gids_;  // only those that exist
};

// Sets what `entry` says on an open file or directory: owner (before mode, because chown clears
// set-id bits), mode, xattrs (those that `entry` lacks are removed), mtime last. Goes on after a
// failure; the first one is returned. Owners that we may not give away are no failure unless we are
// root; xattrs that the file system does not take are one.
// Set-id bits are dropped unless preserve.set_id (a directory keeps those that it has: they say how
// this machine shares it), and where the owner that they go with was to be given but could not.
Result<void> apply(int fd, const Entry& entry, const Preserve& preserve, const std::string& path);
// The same for a name that is no regular file: symlinks, FIFOs, devices.
Result<void> apply_at(const Directory& directory, const Entry& entry, const Preserve& preserve);

// Makes a symlink, FIFO, socket or device node under a temporary name and renames it into place,
// with its attributes. Errc::refused: not permitted here (device nodes need root).
Result<void> make_special(const Directory& directory, const Entry& entry, const Preserve& preserve);

}  // namespace nigh::files
