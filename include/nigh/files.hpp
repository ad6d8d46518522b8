// SPDX-License-Identifier: Apache-2.0
// The values of file transfers: what to copy and how, what came of it. Plain C++, as types.hpp.
//
// Paths and names are bytes. A path on the host is relative to the account's home unless it begins
// with '/'; "~" is the home.
#pragma once

#include <nigh/error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nigh {

enum class FileKind { file, directory, symlink, fifo, socket, char_device, block_device };
std::string_view name(FileKind kind);  // "file", "directory", "symlink", …

// One file or directory on the host.
struct FileInfo {
  std::string path;  // as it was asked for, or relative to the folder that was listed
  FileKind kind = FileKind::file;
  std::uint32_t mode = 0;  // 07777
  std::uint64_t size = 0;
  std::int64_t mtime = 0;  // seconds since 1970
  std::uint32_t mtime_nanoseconds = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string user;  // empty: the host has no name for it
  std::string group;
  std::uint32_t links = 1;
  std::string target;  // of a symlink
  std::string etag;    // of a file, as HTTP has it
};

// One path that could not be dealt with, while the rest goes on.
struct FileFailure {
  std::string path;
  Error error;
};
using OnFileFailure = std::function<void(const FileFailure&)>;

// Which entries Host::walk() tells of.
struct WalkOptions {
  enum class Depth { self, children, tree };  // children: of a directory; else the thing itself
  Depth depth = Depth::children;
  // The path is a pattern ("*", "?", "[a-z]", "**"); each match comes with a path of its own. A
  // path that exists as it is written means itself.
  bool pattern = false;
};

enum class OpenMode { read, write, create };  // the last two for reading too; create: if absent

// Of an open file.
struct FileStatus {
  std::uint64_t size = 0;
  std::int64_t mtime = 0;  // seconds since 1970
  std::uint32_t mtime_nanoseconds = 0;
  std::uint32_t mode = 0;  // 07777
};

// What a tree holds, as `nigh du` prints it.
struct TreeSize {
  std::string path;
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t bytes = 0;      // sum of the sizes of files
  std::uint64_t allocated = 0;  // on disk; hard links count once
};

enum class Sync { none, file, end };  // when data is forced to disk

struct FilterRule {  // in the language of gitignore(5); the first rule that matches decides
  bool include = false;
  std::string pattern;
};

struct TransferOptions {
  bool owner = false;
  bool numeric_ids = false;  // owners by number instead of by name
  bool symlinks = false;     // as links; otherwise a link to a file is copied as that file
  bool hard_links = false;
  bool xattrs = false;    // user.* and POSIX ACLs
  bool specials = false;  // FIFOs, sockets, devices
  bool set_id = false;    // keep set-uid, set-gid and sticky bits
  void archive() { owner = symlinks = hard_links = xattrs = specials = set_id = true; }

  bool remove_extra = false;  // --delete: what the source does not have goes
  bool dry_run = false;       // report what would be done, and do nothing
  bool checksum = false;      // compare contents where sizes are equal, not only times
  bool whole_file = false;    // send changed files whole, without looking for what is common
  bool in_place = false;      // write into existing files instead of replacing them at once
  bool watch = false;         // go on after the first pass: copy what changes, until cancelled
  std::vector<FilterRule> filter;
  std::vector<std::string> ignore_files;  // ".gitignore": their rules hold where they lie

  Sync sync = Sync::end;
  std::uint64_t bytes_per_second = 0;  // 0: no limit
  unsigned parallel = 0;               // threads and lanes; 0: as many as pay
  bool compress = false;               // zstd, while that makes it faster
};

// What happened, or would happen, to one path (relative to the target).
struct TransferItem {
  enum class Action { created, updated, attributes, linked, moved, copied, removed, skipped };
  Action action = Action::created;
  FileKind kind = FileKind::file;
  std::string path;
  std::string from;        // moved, copied, linked: the path it was made of
  std::uint64_t size = 0;  // of the file
  std::uint64_t sent = 0;  // of that, as data; the rest was there
  std::string digest;      // XXH3-128 in hex: of what was read and of what was written
  std::string reason;      // skipped: why
};

using TransferFailure = FileFailure;

struct TransferProgress {
  std::uint64_t files_done = 0;
  std::uint64_t files_total = 0;  // grows until `counted`
  std::uint64_t bytes_done = 0;   // of the files, sent or found to be there
  std::uint64_t bytes_total = 0;
  bool counted = false;
  std::string current;  // path of a file under way
};

struct TransferReport {
  std::uint64_t files = 0;        // written, of any kind but directories
  std::uint64_t directories = 0;  // made
  std::uint64_t removed = 0;
  std::uint64_t moved = 0;  // renamed or copied there instead of sent
  std::uint64_t unchanged = 0;
  std::uint64_t skipped = 0;
  std::uint64_t bytes = 0;      // size of the files that were written
  std::uint64_t literal = 0;    // of those, bytes that had to be sent
  std::uint64_t wire_sent = 0;  // by this end, frames included, after compression
  std::uint64_t wire_received = 0;
  std::chrono::microseconds elapsed{0};
  std::vector<TransferFailure> failures;  // the first 1,000
  std::uint64_t failed = 0;               // all of them
};

// Called on threads of the transfer, one call at a time. They must not block for long.
struct TransferEvents {
  std::function<void(const TransferItem&)> on_item;
  std::function<void(const TransferFailure&)> on_failure;
  std::function<void(const TransferProgress&)> on_progress;  // ten times a second at most
  std::function<void()> on_pass;                             // watch: a pass is complete
};

}  // namespace nigh
