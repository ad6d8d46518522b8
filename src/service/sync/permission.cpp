// SPDX-License-Identifier: Apache-2.0
#include "service/sync/permission.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "files/filter.hpp"
#include "service/sync/selected_lists.hpp"

namespace nigh::sync {
namespace {

[[noreturn]] void refuse(std::string_view what) {
  throw Failure(Errc::refused, fmt::format("the other end wants to write what was not asked for "
                                           "({}): the transfer is ended",
                                           printable(std::string(what.substr(0, 200)))));
}

bool is_pattern(std::string_view text) { return text.find_first_of("*?[\\") != text.npos; }

}  // namespace

Permission::Permission(const Spec& spec, std::vector<std::string> patterns, bool names_only)
    : spec_(spec),
      patterns_(std::move(patterns)),
      limited_(names_only),
      filter_(unwrap(filter_of(spec))) {}

Permission Permission::only(const Spec& spec, const std::vector<std::string>& sources) {
  Permission permission(spec, {}, true);
  permission.contents_asked_ = spec.contents;
  for (auto path : sources) {
    if (path.ends_with('/')) permission.contents_asked_ = true;
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    std::string name(last_of(path));
    // "~", ".." and "/" have names that only the other end knows.
    if (name.empty() || name == "." || name == ".." || name == "~") {
      name = "*";
      permission.contents_asked_ = true;
    }
    permission.patterns_.push_back(std::move(name));
  }
  return permission;
}

void Permission::check_round(const Round& round) const {
  if (!limited_) return;
  if (!round.names) {
    if (!contents_asked_) refuse("the contents of a folder");
    return;
  }
  for (const auto& name : *round.names) {
    auto asked = [&](const std::string& pattern) {
      return pattern == name || pattern == "*" ||
             (is_pattern(pattern) && files::matches_glob(pattern, name));
    };
    if (std::ranges::none_of(patterns_, asked)) refuse(name);
  }
}

void Permission::check_kind(files::Kind kind) const {
  using files::Kind;
  if (kind == Kind::file || kind == Kind::directory) return;
  if (kind == Kind::symlink ? !spec_.symlinks : !spec_.specials) refuse("a link or a device");
}

void Permission::check_path(const Round& round, std::string_view path, files::Kind kind) const {
  check_kind(kind);
  if (path.empty()) return;
  if (round.names) {
    auto first = path.substr(0, path.find('/'));
    if (std::ranges::find(*round.names, first) == round.names->end()) refuse(path);
  }
  if (!limited_ || filter_.empty()) return;
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
    if (filter_.excludes(path.substr(0, slash), true)) refuse(path);
  if (filter_.excludes(path, kind == files::Kind::directory)) refuse(path);
}

void Permission::check_removal(const Round& round) const {
  if (!spec_.remove_extra || round.names) refuse("a removal");
}

}  // namespace nigh::sync
