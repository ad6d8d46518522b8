// SPDX-License-Identifier: Apache-2.0
// What ls, cat, rm, mkdir, mv, stat and du have in common: they connect to each host of their paths
// once, do something for each path, go on after a failure, and say in the end how much of it was
// done.
#pragma once

#include <nigh/async.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/file_arguments.hpp"
#include "cli/output.hpp"
#include "cli/supervisor.hpp"

namespace nigh::cli {

class FileWork {
 public:
  // With `json`, failures are objects on standard output too. `supervisor` must outlive this.
  FileWork(Supervisor& supervisor, ConnectArguments connect, bool json);

  // What is done for one path on a connected host. `info` is there if the path was looked at.
  using Act = std::function<async::awaitable<void>(async::Host host, FilePath path,
                                                   std::optional<FileInfo> info)>;
  struct How {
    // always: each path is a pattern and its matches are looked at. patterns: only what looks like
    // a pattern. never: paths stand for themselves.
    enum class Expand { never, patterns, always } expand = Expand::patterns;
    unsigned lanes = 1;  // of a path's matches, so many are under way at a time
  };
  // What `act` throws is the failure of that path; else the path is done.
  async::awaitable<void> each(std::vector<FilePath> paths, How how, Act act);

  async::awaitable<async::Host> connect(std::string host);

  // rm -f: that something is not there is no failure.
  void overlook_missing() { overlooks_missing_ = true; }
  void done() { ++done_; }
  void failed(const FilePath& path, const Error& error);

  // To standard output, in large pieces. Nothing is written any more once nobody reads.
  void write(std::string_view text);
  void flush();
  // Flushes; 0, 23 or 1.
  int finish();

 private:
  struct Item {
    async::Host host;
    FilePath path;
    std::optional<FileInfo> info;
  };
  async::awaitable<std::vector<Item>> expand(FilePath path, How how);
  async::awaitable<void> attempt(Item item, Act act);
  async::awaitable<void> lane(std::vector<Item>& items, std::size_t& next, Act act);

  Supervisor& supervisor_;
  ConnectArguments connect_;
  bool json_;
  bool overlooks_missing_ = false;
  Output output_;
  std::string pending_;
  std::map<std::string, async::Host> hosts_;
  std::map<std::string, Error> unreachable_;
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace nigh::cli
