// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "files/attributes.hpp"
#include "files/directory.hpp"
#include "files/filter.hpp"
#include "files/hash.hpp"

namespace nigh::files {

// Which part of a directory a transfer is about, and how it is looked at.
struct Selection {
  std::optional<std::vector<std::string>> names;  // only these entries of the top; none: all
  Filter filter;
  Preserve preserve;
  bool partials_differ = false;  // where a partial file lies the digest is none that a source has
  // Told of what Preserve leaves out: its path relative to the top.
  std::function<void(std::string_view path, Kind kind)> on_left_out{};
};

// One directory of a tree: what it holds, without what its subdirectories hold. Memory for a
// million files in ten thousand folders is that of ten thousand of these.
struct DirectoryDigest {
  std::string path;  // relative to the top, "" is the top itself
  std::uint64_t digest = 0;
  std::uint64_t files = 0;  // directly in it: everything but directories
  std::uint64_t bytes = 0;  // of its regular files
};

struct TreeDigest {
  std::vector<DirectoryDigest> directories;  // in path_before() order
  Hash128 root;                              // over all of them
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  bool complete = true;  // false: something could not be read; on_failed heard of it
};

// Walks the tree once. Equal roots (under the same seed, preserve and filter) mean: nothing to do.
// Over an entry go: name, kind, permission bits (not of symlinks), size, mtime, target, device
// numbers, and where preserved owners (by name unless numeric), xattrs and with which earlier path
// it shares its inode. What Preserve leaves out (symlinks to directories, specials …) is not in it:
// see selected(). The attributes of `top` itself are not either. `stop` is looked at between
// entries: then Errc::cancelled. Trees of any depth, with 64 descriptors; what has a path of more
// than 16 KiB is reported and left out.
Result<TreeDigest> digest_tree(const Directory& top, const Selection& selection, Owners& owners,
                               std::uint64_t seed, const OnFailed& on_failed,
                               const std::atomic<bool>& stop);

// Whether the transfer takes an entry, and as what: nullopt, the entry as it is, or, for a symlink
// that is not preserved and leads to a regular file, the file's attributes under the link's name.
// The one place for this rule: digests, listings and senders all ask here. `path` is the entry's,
// relative to the top.
std::optional<Entry> selected(const Directory& directory, Entry entry, std::string_view path,
                              const Selection& selection);

// list() and selected(): what of a directory takes part, sorted. Reads the ignore files (the caller
// has to filter.leave() afterwards, unless it fails).
Result<std::vector<Entry>> list_selected(const Directory& directory, std::string_view path,
                                         Selection& selection, const OnFailed& on_failed,
                                         std::vector<std::string>* temporaries = nullptr);

// Opens a file that selected() took: without preserve.symlinks its name may be a link, and it is
// followed. Else as open_file().
Result<UniqueFd> open_selected(const Directory& directory, std::string_view name,
                               const Preserve& preserve);

// Two entries of one name are the same as far as Preserve can tell. `owners` are names or numbers
// as text, already made comparable by the caller.
struct ComparedOwner {
  std::string user, group;
};
bool same_attributes(const Entry& a, const ComparedOwner& a_owner, const Entry& b,
                     const ComparedOwner& b_owner, const Preserve& preserve);
bool same_content(const Entry& a, const Entry& b);  // kind, size, mtime; target; device numbers

// Depth first, names by their bytes: "a" < "a/b" < "a-b". (A '/' sorts before everything.)
bool path_before(std::string_view a, std::string_view b);

}  // namespace nigh::files
