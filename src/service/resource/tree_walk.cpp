// SPDX-License-Identifier: Apache-2.0
#include "service/resource/tree_walk.hpp"

#include <errno.h>

#include "base/text.hpp"
#include "service/resource/location.hpp"
#include "service/resource/problem.hpp"

namespace nigh::resource {
namespace {

// Of what could not be looked at as a whole: the words of its problem document.
std::string place_failure(const Place& place, const Problem& problem) {
  auto code = problem.status == 404   ? Errc::not_found
              : problem.status == 403 ? Errc::refused
                                      : Errc::system;
  return failure_line(place.asked, {code, problem.detail});
}

[[noreturn]] void refuse_absent(const Place& place) {
  throw Refused(problem_of_errno("cannot look at " + printable(place.asked), ENOENT));
}

bool is_directory(const std::optional<files::Entry>& entry) {
  return entry && entry->kind == files::Kind::directory;
}

std::string name_in(const std::string& directory, const std::string& path) {
  auto begin = directory.size() + (directory.ends_with('/') ? 0 : 1);
  return path.size() > begin && path.starts_with(directory) ? path.substr(begin) : path;
}

std::string below(const std::string& shown) { return shown.ends_with('/') ? shown : shown + "/"; }

}  // namespace

void TreeListing::add(const Place& place) {
  if (!paths_) return add_place(place);
  try {
    add_place(place);
  } catch (const Refused& refused) {
    lines_.add(place_failure(place, refused.problem()));
  }
}

void TreeListing::add_place(const Place& place) {
  if (depth_ == Depth::self || !is_directory(look_through(place.path))) return add_itself(place);
  add_contents(take(files::Directory::open(place.path)), paths_ ? below(place.asked) : "");
}

void TreeListing::add_itself(const Place& place) {
  auto entry = look_at(place.path);
  if (!entry) refuse_absent(place);
  auto where = locate(place.path);
  auto name = where.name.empty() ? "/" : where.name;
  lines_.add(entry_line(paths_ || depth_ == Depth::tree ? NameAs::path : NameAs::name,
                        paths_ ? place.asked : name, *entry, owners_));
}

void TreeListing::add_contents(const files::Directory& directory, const std::string& prefix) {
  auto on_failed = [&](const std::string& path, const Error& error) {
    lines_.add(failure_line(prefix + name_in(directory.path(), path), error));
  };
  for (const auto& entry : take(files::list(directory, false, on_failed)))
    add_entry(directory, prefix, entry);
}

void TreeListing::add_entry(const files::Directory& directory, const std::string& prefix,
                            const files::Entry& entry) {
  const bool deep = depth_ == Depth::tree;
  auto shown = prefix + entry.name;
  lines_.add(entry_line(paths_ || deep ? NameAs::path : NameAs::name, shown, entry, owners_));
  if (!deep || entry.kind != files::Kind::directory) return;
  auto child = directory.child(entry.name);
  if (!child) return lines_.add(failure_line(shown, child.error()));
  try {
    add_contents(*child, shown + "/");
  } catch (const Refused& refused) {
    lines_.add(place_failure({shown, {}}, refused.problem()));
  }
}

void TreeSummary::add(const Place& place, bool goes_on) {
  if (!goes_on) return add_place(place);
  try {
    add_place(place);
  } catch (const Refused& refused) {
    lines_.add(place_failure(place, refused.problem()));
  }
}

void TreeSummary::add_place(const Place& place) {
  auto entry = look_through(place.path);
  if (!is_directory(entry)) entry = look_at(place.path);
  if (!entry) refuse_absent(place);
  auto total = sum_entry(*entry);
  if (is_directory(entry))
    total += sum_directory(take(files::Directory::open(place.path)), place.asked, 0);
  lines_.add(total_line(place.asked, total));
}

TreeTotal TreeSummary::sum_entry(const files::Entry& entry) {
  const bool directory = entry.kind == files::Kind::directory;
  if (!directory && entry.links > 1 && !counted_.emplace(entry.device, entry.inode).second)
    return {};
  return {directory ? 0U : 1U, directory ? 1U : 0U, entry.size, entry.allocated};
}

TreeTotal TreeSummary::sum_directory(const files::Directory& directory, const std::string& shown,
                                     int level) {
  TreeTotal total;
  auto on_failed = [&](const std::string& path, const Error& error) {
    lines_.add(failure_line(below(shown) + name_in(directory.path(), path), error));
  };
  auto entries = files::list(directory, false, on_failed);
  if (!entries) {
    if (level == 0) throw Refused(problem_of(entries.error()));
    lines_.add(failure_line(shown, entries.error()));
    return total;
  }
  for (const auto& entry : *entries) {
    auto part = sum_entry(entry);
    if (entry.kind == files::Kind::directory) {
      auto path = below(shown) + entry.name;
      if (auto child = directory.child(entry.name))
        part += sum_directory(*child, path, level + 1);
      else
        lines_.add(failure_line(path, child.error()));
      if (depth_ == Depth::tree || (depth_ == Depth::children && level == 0))
        lines_.add(total_line(path, part));
    }
    total += part;
  }
  return total;
}

}  // namespace nigh::resource
