// SPDX-License-Identifier: Apache-2.0
#include "service/sync/target.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "files/new_file.hpp"
#include "service/sync/selected_lists.hpp"
#include "service/sync/sources.hpp"

namespace nigh::sync {
namespace {

constexpr char kNote[] = ".nigh-part-name";

enum class There { absent, folder, other };

Result<There> look(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0)
    return S_ISDIR(status.st_mode) ? There::folder : There::other;
  if (errno == ENOENT) return There::absent;
  return fail_errno(fmt::format("cannot use {} as the destination", printable(path)), errno);
}

Result<std::shared_ptr<const files::Directory>> shared(Result<files::Directory> directory) {
  if (!directory) return std::unexpected(directory.error());
  return std::make_shared<const files::Directory>(*std::move(directory));
}

// What an unfinished folder was called at its source.
std::string note_in(const std::string& folder) {
  auto directory = files::Directory::open(folder);
  if (!directory) return {};
  auto fd = files::open_file(*directory, kNote);
  if (!fd) return {};
  std::string name(256, '\0');
  auto size = files::read_full(fd->get(), name, 0, folder);
  return size ? name.substr(0, *size) : std::string();
}

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0 || errno == EEXIST) return {};
  return fail_errno(fmt::format("cannot make the folder {}", printable(path)), errno);
}

}  // namespace

Result<Target> Target::find(const std::string& destination, const Round& round, bool dry_run) {
  auto there = look(destination);
  if (!there) return std::unexpected(there.error());
  Target target;
  if (!round.names) {
    if (*there == There::other)
      return fail(Errc::usage, fmt::format("{} is not a folder: the contents of a folder cannot go "
                                           "there",
                                           printable(destination)));
    if (*there == There::absent && dry_run) return target;
    if (*there == There::absent)
      if (auto made = make_folder(destination); !made) return std::unexpected(made.error());
  }
  const bool unfinished = *there == There::folder && round.single && round.folder &&
                          note_in(destination) == round.names->front();
  if (!round.names || (*there == There::folder && !unfinished)) {
    auto base = shared(files::Directory::open(destination));
    if (!base) return std::unexpected(base.error());
    target.base_ = *std::move(base);
    return target;
  }
  auto parts = split_path(destination);
  if (!round.single || (parts.slash && !round.folder))
    return fail(Errc::not_found, fmt::format("{} is not a folder: {}", printable(destination),
                                             round.single ? "there is none of that name"
                                                          : "several sources need one to go into"));
  if (round.folder && *there == There::other)
    return fail(Errc::usage, fmt::format("{} is not a folder: a folder cannot replace it",
                                         printable(destination)));
  auto base = shared(files::Directory::open(parts.folder));
  if (!base) return std::unexpected(base.error());
  target.base_ = *std::move(base);
  if (parts.name == round.names->front() && !unfinished && !round.folder) return target;
  target.there_ = round.names->front();
  target.here_ = parts.name;
  return target;
}

std::string Target::here(std::string_view path) const {
  if (here_.empty() || path.empty()) return std::string(path);
  return here_ + std::string(path.substr(std::min(path.size(), there_.size())));
}

std::string Target::there(std::string_view path) const {
  if (here_.empty() || path.empty()) return std::string(path);
  return there_ + std::string(path.substr(std::min(path.size(), here_.size())));
}

std::optional<std::vector<std::string>> Target::names_here(const Round& round) const {
  if (!renames()) return round.names;
  return std::vector<std::string>{here_};
}

void Target::leave_note() const {
  if (!renames()) return;
  auto folder = base_->child(here_);
  if (!folder) return;
  UniqueFd fd(
      ::openat(folder->fd(), kNote, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return;
  // Without it the transfer works as well; only continuing it would be less comfortable.
  (void)files::write_all(fd.get(), there_, 0, kNote);
}

void Target::remove_note() const {
  if (!renames()) return;
  if (auto folder = base_->child(here_)) ::unlinkat(folder->fd(), kNote, 0);
}

}  // namespace nigh::sync
