// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>

#include <algorithm>
#include <optional>

#include "files/ignore_files.hpp"
#include "files/name_argument.hpp"
#include "files/names.hpp"
#include "files/read_entry.hpp"
#include "files/selecting.hpp"

namespace nigh::files {
namespace {

// readdir(3) may say so before anything is read; nullopt: it does not.
std::optional<Kind> kind_of(unsigned char type) {
  switch (type) {
    case DT_REG:
      return Kind::file;
    case DT_DIR:
      return Kind::directory;
    case DT_LNK:
      return Kind::symlink;
    case DT_FIFO:
      return Kind::fifo;
    case DT_SOCK:
      return Kind::socket;
    case DT_CHR:
      return Kind::char_device;
    case DT_BLK:
      return Kind::block_device;
    default:
      return std::nullopt;
  }
}

void tell_left_out(Kind kind, std::string_view path, const Selection& selection) {
  if (selection.on_left_out) selection.on_left_out(path, kind);
}

// By the filter, of which nothing is told, or by Preserve.
bool left_out(Kind kind, std::string_view path, const Selection& selection) {
  if (!selection.filter.empty() && selection.filter.excludes(path, kind == Kind::directory))
    return true;
  bool is_special = kind > Kind::symlink;
  if (!is_special || selection.preserve.specials) return false;
  tell_left_out(kind, path, selection);
  return true;
}

enum class Taken { yes, no, failed };

// Reads what the link leads to into `entry`.
Taken follow(const Directory& directory, const char* name, Entry& entry) {
  int failed = read_status(directory.fd(), name, Links::follow, entry);
  return failed == 0 && entry.kind == Kind::file ? Taken::yes : Taken::no;
}

class Selecting {
 public:
  Selecting(const Listing& listing, NameList& names) : listing_(listing), names_(names) {
    if (listing.path.empty() && listing.selection.names) {
      only_.emplace(listing.selection.names->begin(), listing.selection.names->end());
      std::ranges::sort(*only_);
    }
  }

  void run(const std::function<bool(Entry&)>& take) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!is_candidate(i) || !read(i)) continue;
      if (!take(entry_)) return;
    }
  }

 private:
  bool is_candidate(std::size_t i) {
    auto name = names_[i];
    if (is_temporary_name(name)) {
      if (listing_.temporaries != nullptr) listing_.temporaries->emplace_back(name);
      return false;
    }
    return !only_ || std::ranges::binary_search(*only_, name);
  }

  bool read(std::size_t i) {
    auto kind = kind_of(names_.type(i));
    if (kind && left_out(*kind, path_of(names_[i]), listing_.selection)) return false;
    entry_.name = names_[i];
    auto result = read_entry(i);
    if (!result) {
      // Gone since it was listed: as if it had never been there.
      if (result.error().code != Errc::not_found)
        listing_.on_failed(listing_.directory.path_of(names_[i]), result.error());
      return false;
    }
    if (!*result) tell_left_out(Kind::symlink, path_of(names_[i]), listing_.selection);
    return *result &&
           (kind == entry_kind_ || !left_out(entry_kind_, path_of(names_[i]), listing_.selection));
  }

  // False: it is a link that is left out.
  Result<bool> read_entry(std::size_t i) {
    const auto& preserve = listing_.selection.preserve;
    const char* name = names_.c_str(i);
    auto read = files::read_entry(listing_.directory, name, false, entry_);
    if (!read) return std::unexpected(read.error());
    entry_kind_ = entry_.kind;
    auto links = Links::keep;
    if (entry_kind_ == Kind::symlink && !preserve.symlinks) {
      if (follow(listing_.directory, name, entry_) != Taken::yes) return false;
      links = Links::follow;
    }
    if (!preserve.xattrs) return true;
    auto added = add_xattrs(listing_.directory, name, links, entry_);
    if (!added) return std::unexpected(added.error());
    return true;
  }

  const std::string& path_of(std::string_view name) {
    path_.assign(listing_.path);
    if (!path_.empty()) path_ += '/';
    return path_ += name;
  }

  const Listing& listing_;
  const NameList& names_;
  std::optional<std::vector<std::string_view>> only_;
  Entry entry_;
  Kind entry_kind_ = Kind::file;  // of the name itself, even if a link is followed
  std::string path_;
};

}  // namespace

Result<void> each_selected(const Listing& listing, NameList& names,
                           const std::function<bool(Entry&)>& take) {
  if (auto read = names.read(listing.directory); !read) return read;
  enter_folder(listing, names);
  Selecting(listing, names).run(take);
  return {};
}

std::optional<Entry> selected(const Directory& directory, Entry entry, std::string_view path,
                              const Selection& selection) {
  if (left_out(entry.kind, path, selection)) return std::nullopt;
  if (entry.kind != Kind::symlink || selection.preserve.symlinks) return entry;
  NameArgument name(entry.name);
  if (!name.valid() || follow(directory, name.c_str(), entry) != Taken::yes) return std::nullopt;
  if (selection.preserve.xattrs && !add_xattrs(directory, name.c_str(), Links::follow, entry))
    return std::nullopt;
  return entry;
}

Result<std::vector<Entry>> list_selected(const Directory& directory, std::string_view path,
                                         Selection& selection, const OnFailed& on_failed,
                                         std::vector<std::string>* temporaries) {
  NameList names;
  std::vector<Entry> entries;
  auto listed = each_selected({directory, path, selection, on_failed, temporaries}, names,
                              [&entries](Entry& entry) {
                                entries.push_back(std::move(entry));
                                return true;
                              });
  if (!listed) return std::unexpected(listed.error());
  return entries;
}

Result<UniqueFd> open_selected(const Directory& directory, std::string_view name,
                               const Preserve& preserve) {
  return open_file(directory, name, preserve.symlinks ? Links::keep : Links::follow);
}

}  // namespace nigh::files
