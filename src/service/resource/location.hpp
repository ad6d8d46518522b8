// SPDX-License-Identifier: Apache-2.0
// From a person's own path to the file: links are followed as by a shell on that machine.
#pragma once

#include <optional>
#include <string>

#include "base/unique_fd.hpp"
#include "files/directory.hpp"
#include "files/entry.hpp"

namespace nigh::resource {

// Where a name lies. All functions below throw Refused.
struct Location {
  std::string folder;  // never empty
  std::string name;    // the last component; empty for "/"; may be "." or ".."
  bool slash = false;  // there was a slash behind it: it has to be a directory
};
Location locate(const std::string& path);

// Where a symlink at `path` leads in the end, itself possibly absent; `path` itself if it is none.
// So writing to `config -> real` writes `real`, and `config` stays a link.
std::string follow_last(std::string path);

// The thing itself (a link is a link); nullopt: there is nothing.
std::optional<files::Entry> look_at(const std::string& path);
// What a path leads to, through links.
std::optional<files::Entry> look_through(const std::string& path);

// A regular file for reading (and writing if `flags` say so). 404, 403, 409 for anything else.
struct OpenFile {
  UniqueFd fd;
  files::Entry entry;
};
OpenFile open_regular(const std::string& path, int flags);
// 409 for what is there but no regular file; nothing is opened before that is known, because
// opening a device can have effects.
void require_regular(const std::string& path, const files::Entry& entry);

// The bits that a new file does not get.
std::uint32_t current_umask();

}  // namespace nigh::resource
