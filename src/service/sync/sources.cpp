// SPDX-License-Identifier: Apache-2.0
#include "service/sync/sources.hpp"

#include <fmt/format.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/text.hpp"

namespace nigh::sync {
namespace {

std::optional<std::string> real_path(const std::string& path) {
  std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), &::free);
  if (!real) return std::nullopt;
  return std::string(real.get());
}

class Finder {
 public:
  Finder(bool contents, const files::OnFailed& on_failed)
      : contents_(contents), on_failed_(on_failed) {}

  void add(const std::string& path) {
    auto parts = split_path(path);
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0)
      return on_failed_(path, errno_error(fmt::format("cannot read {}", printable(path)), errno));
    const bool link_with_slash = parts.slash && S_ISLNK(status.st_mode);
    if (contents_ || parts.name.empty() ||
        (parts.slash && (S_ISDIR(status.st_mode) || link_with_slash)))
      return add_contents(path);
    add_name(path, parts, S_ISDIR(status.st_mode));
  }

  std::vector<SourceGroup> take() && { return std::move(groups_); }

 private:
  void add_contents(const std::string& path) {
    auto folder = files::Directory::open(path);
    if (!folder) return on_failed_(path, folder.error());
    groups_.push_back({*std::move(folder), {}});
    last_folder_.reset();
  }

  void add_name(const std::string& path, const SplitPath& parts, bool is_folder) {
    if (last_folder_ == parts.folder) {
      auto& names = *groups_.back().round.names;
      if (std::ranges::find(names, parts.name) == names.end()) names.push_back(parts.name);
      return;
    }
    auto folder = files::Directory::open(parts.folder);
    if (!folder) return on_failed_(path, folder.error());
    Round round;
    round.names.emplace({parts.name});
    round.folder = is_folder;
    groups_.push_back({*std::move(folder), std::move(round)});
    last_folder_ = parts.folder;
  }

  bool contents_;
  const files::OnFailed& on_failed_;
  std::optional<std::string> last_folder_;
  std::vector<SourceGroup> groups_;
};

}  // namespace

SplitPath split_path(const std::string& path) {
  SplitPath parts;
  std::string rest = path;
  while (rest.size() > 1 && rest.ends_with('/')) {
    rest.pop_back();
    parts.slash = true;
  }
  auto slash = rest.rfind('/');
  auto name = slash == rest.npos ? rest : rest.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") {
    auto real = real_path(rest);
    if (!real || *real == "/") return {"/", "", parts.slash};
    slash = real->rfind('/');
    name = real->substr(slash + 1);
    rest = *real;
  }
  parts.name = name;
  parts.folder = slash == rest.npos ? "." : slash == 0 ? "/" : rest.substr(0, slash);
  return parts;
}

std::vector<SourceGroup> find_sources(const std::vector<std::string>& paths, bool contents,
                                      const files::OnFailed& on_failed) {
  Finder finder(contents, on_failed);
  for (const auto& path : paths) finder.add(path);
  auto groups = std::move(finder).take();
  if (groups.empty()) throw Failure(Errc::not_found, "there is nothing to copy");
  if (groups.size() == 1 && paths.size() == 1 && groups[0].round.names)
    groups[0].round.single = true;
  for (auto& group : groups)
    if (group.round.names) std::ranges::sort(*group.round.names);
  return groups;
}

}  // namespace nigh::sync
