// SPDX-License-Identifier: Apache-2.0
// What looks at trees: answers of any length, a line at a time.
#include <fmt/format.h>

#include "client/remote_files.hpp"
#include "client/remote_files_body.hpp"
#include "client/remote_files_path.hpp"
#include "client/remote_files_tree.hpp"

namespace nigh::client {
namespace {

constexpr std::string_view kTree = "/v1/tree/";
using Depth = WalkOptions::Depth;

std::string_view depth_text(Depth depth) {
  return depth == Depth::self ? "0" : depth == Depth::children ? "1" : "infinity";
}

Names names_of(const WalkOptions& options) {
  if (options.pattern) return Names::matches;
  return options.depth == Depth::self       ? Names::self
         : options.depth == Depth::children ? Names::children
                                            : Names::tree;
}

void tell(std::string_view asked, FileFailure failure, const OnFileFailure& on_failure) {
  if (!on_failure) return;
  failure.path = as_asked(asked, std::move(failure.path));
  on_failure(failure);
}

awaitable<void> each_line(Connection& connection, std::string url, io::Duration limit,
                          std::function<void(std::string_view)> on_line) {
  BodyReader body(connection);
  co_await body.open(std::move(url), limit);
  LineReader lines;
  for (;;) {
    auto bytes = co_await body.next();
    if (bytes.empty()) break;
    lines.feed(bytes);
    while (auto line = unwrap(lines.next())) on_line(*line);
  }
  unwrap(lines.finish());
}

}  // namespace

awaitable<void> walk(Connection& connection, std::string path, WalkOptions options,
                     std::function<void(FileInfo)> on_entry, OnFileFailure on_failure) {
  auto url = files_url(kTree, path) + fmt::format("?depth={}", depth_text(options.depth));
  if (options.pattern) url += "&glob=1";
  bool quick = !options.pattern && options.depth != Depth::tree;
  auto limit = quick ? connection.endpoint().timeout : io::Duration::max();
  auto names = names_of(options);
  auto on_line = [&](std::string_view line) {
    auto entry = unwrap(parse_entry(line, names));
    if (auto* failure = std::get_if<FileFailure>(&entry))
      return tell(path, std::move(*failure), on_failure);
    auto& info = std::get<FileInfo>(entry);
    if (names == Names::self) info.path = path;
    if (names == Names::matches) info.path = as_asked(path, std::move(info.path));
    on_entry(std::move(info));
  };
  co_await each_line(connection, std::move(url), limit, on_line);
}

awaitable<std::vector<FileInfo>> list(Connection& connection, std::string path) {
  std::vector<FileInfo> entries;
  co_await walk(
      connection, std::move(path), {}, [&](FileInfo info) { entries.push_back(std::move(info)); },
      nullptr);
  co_return entries;
}

awaitable<FileInfo> stat(Connection& connection, std::string path) {
  std::optional<FileInfo> entry;
  std::optional<FileFailure> failure;
  co_await walk(
      connection, path, {.depth = Depth::self}, [&](FileInfo info) { entry = std::move(info); },
      [&](const FileFailure& failed) { failure = failed; });
  if (failure) throw Failure(failure->error);
  if (!entry) throw Failure(Errc::malformed, "the host's answer says nothing about the file");
  co_return *std::move(entry);
}

awaitable<std::vector<TreeSize>> disk_usage(Connection& connection, std::string path,
                                            bool per_folder, OnFileFailure on_failure) {
  auto url = files_url(kTree, path) + fmt::format("?summary=1&depth={}", per_folder ? 1 : 0);
  std::vector<TreeSize> sizes;
  auto on_line = [&](std::string_view line) {
    auto entry = unwrap(parse_tree_size(line));
    if (auto* failure = std::get_if<FileFailure>(&entry))
      return tell(path, std::move(*failure), on_failure);
    auto& size = sizes.emplace_back(std::get<TreeSize>(std::move(entry)));
    size.path = as_asked(path, std::move(size.path));
  };
  co_await each_line(connection, std::move(url), io::Duration::max(), on_line);
  co_return sizes;
}

}  // namespace nigh::client
