// SPDX-License-Identifier: Apache-2.0
#include "cli/file_work.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/failure.hpp"
#include "cli/file_json.hpp"
#include "cli/lanes.hpp"

namespace nigh::cli {

using boost::asio::awaitable;

namespace {

constexpr std::size_t kPiece = 64 * 1024;

bool looks_like_pattern(std::string_view path) { return path.find_first_of("*?[") != path.npos; }

}  // namespace

FileWork::FileWork(Supervisor& supervisor, ConnectArguments connect, bool json)
    : supervisor_(supervisor), connect_(std::move(connect)), json_(json), output_(supervisor) {}

awaitable<async::Host> FileWork::connect(std::string host) {
  if (auto known = hosts_.find(host); known != hosts_.end()) co_return known->second;
  if (auto known = unreachable_.find(host); known != unreachable_.end())
    throw Failure(known->second);
  try {
    auto made = co_await cli::connect(supervisor_, host, connect_);
    co_return hosts_.emplace(host, std::move(made)).first->second;
  } catch (const Failure& failure) {
    unreachable_.emplace(host, failure.error());
    throw;
  }
}

awaitable<void> FileWork::each(std::vector<FilePath> paths, How how, Act act) {
  for (const auto& path : paths) {
    auto items = co_await expand(path, how);
    std::size_t next = 0;
    std::vector<awaitable<void>> lanes;
    for (std::size_t i = 0; i < std::min<std::size_t>(how.lanes, items.size()); ++i)
      lanes.push_back(lane(items, next, act));
    co_await run_together(std::move(lanes));
  }
}

awaitable<void> FileWork::lane(std::vector<Item>& items, std::size_t& next, Act act) {
  while (next < items.size() && !supervisor_.ended())
    co_await attempt(std::move(items[next++]), act);
}

awaitable<void> FileWork::attempt(Item item, Act act) {
  try {
    co_await act(item.host, item.path, std::move(item.info));
    done();
  } catch (const Failure& failure) {
    failed(item.path, failure.error());
  }
}

awaitable<std::vector<FileWork::Item>> FileWork::expand(FilePath path, How how) {
  std::vector<Item> items;
  bool look = how.expand == How::Expand::always ||
              (how.expand == How::Expand::patterns && looks_like_pattern(path.path));
  try {
    auto host = co_await connect(path.host);
    auto add = [&](FileInfo info) {
      FilePath found{path.host, info.path};
      items.push_back({host, std::move(found), std::move(info)});
    };
    auto report = [&](const FileFailure& failure) {
      failed({path.host, failure.path}, failure.error);
    };
    WalkOptions options{.depth = WalkOptions::Depth::self, .pattern = true};
    if (look)
      co_await host.walk(path.path, options, add, report);
    else
      items.push_back({host, path, std::nullopt});
  } catch (const Failure& failure) {
    failed(path, failure.error());
  }
  co_return items;
}

void FileWork::failed(const FilePath& path, const Error& error) {
  if (overlooks_missing_ && error.code == Errc::not_found && !unreachable_.contains(path.host))
    return done();
  ++failed_;
  if (json_) write(failure_json(path, error) + "\n");
  flush();
  complain(fmt::format("{}: {}", printable(path.host), error.message));
}

void FileWork::write(std::string_view text) {
  if (pending_.size() + text.size() > kPiece) flush();
  if (text.size() > kPiece)
    output_.write(STDOUT_FILENO, text);
  else
    pending_ += text;
}

void FileWork::flush() { output_.write(STDOUT_FILENO, std::exchange(pending_, {})); }

int FileWork::finish() {
  flush();
  if (failed_ == 0) return 0;
  return done_ > 0 ? kSomeFailed : 1;
}

}  // namespace nigh::cli
