// SPDX-License-Identifier: Apache-2.0
#include "files/tree_digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "files/descent.hpp"
#include "files/entry_bytes.hpp"
#include "files/names.hpp"
#include "files/selecting.hpp"

namespace nigh::files {
namespace {

constexpr std::size_t kMaxPath = 16 * 1024;     // bounds what a hostile depth can cost
constexpr std::size_t kBufferSize = 64 * 1024;  // of entries before they are hashed

struct Inode {
  std::uint64_t device, number;
  bool operator==(const Inode&) const = default;
};
struct InodeHash {
  std::size_t operator()(const Inode& inode) const {
    return inode.number * 0x9E3779B97F4A7C15U ^ inode.device;
  }
};

// Depth first without recursion; a level keeps the names of the directories that are still to come.
class TreeWalk {
 public:
  TreeWalk(const Directory& top, const Selection& selection, Owners& owners, std::uint64_t seed,
           const OnFailed& on_failed, const std::atomic<bool>& stop)
      : selection_(selection),
        seed_(seed),
        on_failed_([this, &on_failed](const std::string& path, const Error& error) {
          result_.complete = false;
          on_failed(path, error);
        }),
        stop_(stop),
        descent_(top),
        bytes_(selection_.preserve, owners) {}
  TreeWalk(const TreeWalk&) = delete;
  TreeWalk& operator=(const TreeWalk&) = delete;

  Result<TreeDigest> run() {
    if (auto top = digest_here(); !top) return std::unexpected(top.error());
    while (!levels_.empty()) {
      if (stop_) return fail(Errc::cancelled, "stopped while reading " + shown());
      auto& level = levels_.back();
      auto step =
          level.next == level.directories.size() ? leave() : enter(level.directories[level.next++]);
      if (!step) return std::unexpected(step.error());
    }
    result_.root = root();
    return std::move(result_);
  }

 private:
  struct Level {
    NameList directories;
    std::size_t next = 0;
    std::size_t path_length = 0;  // of the level itself
  };

  std::string shown() const { return printable(descent_.here().path()); }

  // The error is one that ends the walk; others are reported.
  Result<void> enter(std::string_view name) {
    auto length = path_.size();
    auto full = descent_.here().path_of(name);
    if (length + 1 + name.size() > kMaxPath) {
      on_failed_(full, {Errc::usage, shown() + " is nested too deeply"});
      return {};
    }
    if (auto entered = descent_.enter(name); !entered) {
      if (entered.error().code != Errc::not_found) on_failed_(full, entered.error());
      return {};
    }
    if (!path_.empty()) path_ += '/';
    path_ += name;
    auto digested = digest_here();
    if (digested) return {};
    path_.resize(length);
    if (digested.error().code == Errc::cancelled) return digested;
    if (digested.error().code != Errc::not_found) on_failed_(full, digested.error());
    return descent_.leave();
  }

  Result<void> leave() {
    levels_.pop_back();
    selection_.filter.leave();
    if (levels_.empty()) return {};
    path_.resize(levels_.back().path_length);
    return descent_.leave();
  }

  // Reads the directory that the walk is in and makes it the last level.
  Result<void> digest_here() {
    Level level{.path_length = path_.size()};
    DirectoryDigest digest{.path = path_};
    buffer_.clear();
    hasher_.reset();
    temporaries_.clear();
    auto* temporaries = selection_.partials_differ ? &temporaries_ : nullptr;
    auto read = each_selected({descent_.here(), path_, selection_, on_failed_, temporaries}, names_,
                              [&](Entry& entry) { return add(entry, level, digest); });
    if (!read) return read;
    if (stop_) return fail(Errc::cancelled, "stopped while reading " + shown());
    if (std::ranges::any_of(temporaries_, is_partial_name)) append_number(1, buffer_);
    digest.digest = hasher_ ? hasher_->add(buffer_).finish64() : hash64(buffer_, seed_);
    result_.files += digest.files;
    result_.bytes += digest.bytes;
    result_.directories.push_back(std::move(digest));
    levels_.push_back(std::move(level));
    return {};
  }

  bool add(const Entry& entry, Level& level, DirectoryDigest& digest) {
    if (stop_) return false;
    bytes_.append(entry, buffer_);
    if (entry.kind == Kind::directory) {
      level.directories.add(entry.name);
    } else {
      ++digest.files;
      digest.bytes += entry.size;
      if (selection_.preserve.hard_links) append_number(link_of(entry), buffer_);
    }
    if (buffer_.size() < kBufferSize) return true;
    if (!hasher_) hasher_.emplace(seed_);
    hasher_->add(buffer_);
    buffer_.clear();
    return true;
  }

  // Which earlier path of this walk is the same file; 0: none.
  std::uint64_t link_of(const Entry& entry) {
    if (entry.links == 1) return 0;
    auto path = path_.empty() ? entry.name : path_ + "/" + entry.name;
    auto [first, is_first] =
        first_paths_.try_emplace({entry.device, entry.inode}, hash64(path, seed_));
    return is_first ? 0 : first->second;
  }

  Hash128 root() const {
    Hasher all(seed_);
    std::string bytes;
    for (const auto& directory : result_.directories) {
      bytes.clear();
      append_text(directory.path, bytes);
      append_number(directory.digest, bytes);
      all.add(bytes);
    }
    return all.finish128();
  }

  Selection selection_;  // ours: its filter follows the walk
  std::uint64_t seed_;
  OnFailed on_failed_;
  const std::atomic<bool>& stop_;
  Descent descent_;
  EntryBytes bytes_;
  NameList names_;
  std::string path_;  // of where the walk is
  std::vector<std::string> temporaries_;
  std::string buffer_;  // entries that are not hashed yet
  std::optional<Hasher> hasher_;
  std::vector<Level> levels_;
  std::unordered_map<Inode, std::uint64_t, InodeHash> first_paths_;  // of files with more names
  TreeDigest result_;
};

}  // namespace

Result<TreeDigest> digest_tree(const Directory& top, const Selection& selection, Owners& owners,
                               std::uint64_t seed, const OnFailed& on_failed,
                               const std::atomic<bool>& stop) {
  return TreeWalk(top, selection, owners, seed, on_failed, stop).run();
}

}  // namespace nigh::files
