// SPDX-License-Identifier: Apache-2.0
#include "cli/ls_listing.hpp"

#include <unordered_map>

#include "base/text.hpp"
#include "cli/file_json.hpp"
#include "cli/file_text.hpp"

namespace nigh::cli {

using boost::asio::awaitable;

awaitable<void> LsListing::run() {
  if (arguments_.paths.size() == 1 && co_await list_at_once()) co_return;
  auto act = [this](async::Host host, FilePath path, std::optional<FileInfo> info) {
    return look(std::move(host), std::move(path), std::move(info));
  };
  co_await work_.each(arguments_.paths, {.expand = FileWork::How::Expand::always}, act);
  titles_ =
      arguments_.recursive || arguments_.paths.size() > 1 || files_.size() + folders_.size() > 1;
  print_files();
  for (auto& folder : folders_) co_await list(folder);
}

awaitable<void> LsListing::look(async::Host host, FilePath path, std::optional<FileInfo> info) {
  bool folder = !arguments_.directories && co_await is_folder(host, path, *info);
  if (folder)
    folders_.push_back({std::move(host), std::move(path)});
  else
    files_.emplace_back(std::move(path), *std::move(info));
}

// A link to a folder is that folder, but for -l, which shows links, unless a slash follows.
awaitable<bool> LsListing::is_folder(async::Host host, FilePath path, const FileInfo& info) {
  if (info.kind != FileKind::symlink) co_return info.kind == FileKind::directory;
  if (arguments_.details && !path.path.ends_with('/')) co_return false;
  try {
    (void)co_await host.stat(joined(path.path, "."));  // whether it throws is all that matters
    co_return true;
  } catch (const Failure&) {
    co_return false;  // leads to a file, or nowhere
  }
}

// Saves the round trip that a look at the path takes, where what comes can only be what a folder
// holds. Its failures show again when the path is looked at.
awaitable<bool> LsListing::list_at_once() {
  const auto& path = arguments_.paths[0];
  bool shows_links = arguments_.details && !path.path.ends_with('/');
  if (arguments_.directories || shows_links) co_return false;
  Tree tree;
  try {
    auto host = co_await work_.connect(path.host);
    tree = co_await read({host, path});
  } catch (const Failure&) {
    co_return false;
  }
  if (tree.groups[0].entries.size() < 2) co_return false;  // perhaps a file: itself
  titles_ = arguments_.recursive;
  print(path, std::move(tree));
  work_.done();
  co_return true;
}

// ---- reading -----------------------------------------------------------------------------------

awaitable<void> LsListing::list(Folder folder) {
  try {
    print(folder.path, co_await read(folder));
  } catch (const Failure& failure) {
    work_.failed(folder.path, failure.error());
  }
}

awaitable<LsListing::Tree> LsListing::read(Folder folder) {
  Tree tree{{{folder.path, {}}}, {}};
  auto& groups = tree.groups;
  std::unordered_map<std::string, std::size_t> index{{"", 0}};  // by path below `folder`
  auto take = [&](FileInfo info) {
    if (!arguments_.all && is_hidden(info.path)) return;
    auto slash = info.path.rfind('/');
    auto parent = slash == std::string::npos ? "" : info.path.substr(0, slash);
    if (arguments_.recursive && info.kind == FileKind::directory) {
      index.emplace(info.path, groups.size());
      groups.push_back({{folder.path.host, joined(folder.path.path, info.path)}, {}});
    }
    if (slash != std::string::npos) info.path.erase(0, slash + 1);
    groups[index[parent]].entries.push_back(std::move(info));
  };
  auto report = [&](const FileFailure& failure) { tree.failures.push_back(failure); };
  WalkOptions options{.depth = arguments_.recursive ? WalkOptions::Depth::tree
                                                    : WalkOptions::Depth::children};
  co_await folder.host.walk(folder.path.path, options, take, report);
  co_return tree;
}

// ---- printing ----------------------------------------------------------------------------------

void LsListing::print_files() {
  std::vector<FileInfo> entries;
  for (auto& [path, info] : files_) {
    if (arguments_.json) {
      work_.write(entry_json(path, info) + '\n');
      continue;
    }
    // As typed, but for the host where there is only one.
    entries.push_back(std::move(info));
    entries.back().path = path.path;
    if (arguments_.paths.size() > 1) entries.back().path = path.text();
  }
  if (entries.empty()) return;
  sort_entries(entries, arguments_);
  work_.write(ls_text(entries, arguments_, screen_));
  printed_ = true;
}

void LsListing::print(const FilePath& folder, Tree tree) {
  for (auto& group : tree.groups) print(std::move(group));
  for (const auto& failure : tree.failures)
    work_.failed({folder.host, joined(folder.path, failure.path)}, failure.error);
}

void LsListing::print(Group group) {
  sort_entries(group.entries, arguments_);
  if (arguments_.json) {
    for (const auto& entry : group.entries) {
      FilePath path{group.path.host, joined(group.path.path, entry.path)};
      work_.write(entry_json(path, entry) + '\n');
    }
    return;
  }
  if (titles_) {
    auto title = group.path.text();
    work_.write((printed_ ? "\n" : "") + (screen_.terminal ? printable(title) : title) + ":\n");
  }
  work_.write(ls_text(group.entries, arguments_, screen_));
  printed_ = true;
}

}  // namespace nigh::cli
