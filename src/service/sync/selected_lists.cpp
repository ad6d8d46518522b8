// SPDX-License-Identifier: Apache-2.0
#include "service/sync/selected_lists.hpp"

namespace nigh::sync {
namespace {

bool is_above(std::string_view folder, std::string_view path) {
  if (folder.empty()) return !path.empty();
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

}  // namespace

std::string join(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty()) path += '/';
  return path += name;
}

std::string_view parent_of(std::string_view path) {
  auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

std::string_view last_of(std::string_view path) {
  auto slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

void SelectedLists::leave_to(std::string_view path) {
  while (!entered_.empty() && !is_above(entered_.back(), path)) {
    selection_.filter.leave();
    entered_.pop_back();
  }
}

// Rules of a folder count for all below it, so its ignore files are read even if only something
// far below is listed.
void SelectedLists::enter(const std::string& path) {
  if (!entered_.empty() && entered_.back() == path) return;
  if (!path.empty()) enter(std::string(parent_of(path)));
  auto directory = top_.beneath(path);
  files::OnFailed ignore = [](const std::string&, const Error&) {};
  if (!selection_.filter.ignore_files().empty() && directory &&
      files::list_selected(*directory, path, selection_, ignore)) {
    entered_.push_back(path);
    return;
  }
  selection_.filter.enter(path, std::vector<std::string>(selection_.filter.ignore_files().size()));
  entered_.push_back(path);
}

Result<std::vector<files::Entry>> SelectedLists::list(const files::Directory& directory,
                                                      const std::string& path,
                                                      const files::OnFailed& on_failed,
                                                      std::vector<std::string>* temporaries) {
  leave_to(path);
  if (!path.empty()) enter(std::string(parent_of(path)));
  auto entries = files::list_selected(directory, path, selection_, on_failed, temporaries);
  if (entries) entered_.push_back(path);
  return entries;
}

}  // namespace nigh::sync
