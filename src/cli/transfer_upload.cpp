// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_upload.hpp"

#include <fmt/format.h>

#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "cli/lanes.hpp"

namespace nigh::cli {

namespace asio = boost::asio;

namespace {

constexpr unsigned kLanes = 16;  // pieces on their way at a time
constexpr int kMostLinks = 40;   // as the kernel has it

std::uint64_t random_number() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

asio::awaitable<std::optional<FileInfo>> look(async::Host host, std::string path) {
  try {
    co_return co_await host.stat(path);
  } catch (const Failure& failure) {
    if (failure.code() != Errc::not_found) throw;
  }
  co_return std::nullopt;
}

}  // namespace

Upload::Upload(async::Host host, std::string path, Sync sync)
    : host_(std::move(host)), path_(std::move(path)), sync_(sync) {}

asio::awaitable<void> Upload::run() {
  co_await find_target();
  temporary_ = temporary_beside(path_, random_number());
  file_ = co_await host_.open(temporary_, OpenMode::create);
  begun_ = true;
  co_await take_mode();
  std::vector<asio::awaitable<void>> lanes;
  for (unsigned i = 0; i < kLanes; ++i) lanes.push_back(lane());
  co_await run_together(std::move(lanes));
  if (sync_ != Sync::none) co_await file_.sync();
  co_await host_.rename(temporary_, path_, true);
  begun_ = false;
}

asio::awaitable<void> Upload::discard() {
  file_ = {};
  if (std::exchange(begun_, false)) co_await host_.remove(temporary_);
}

// Through links, so that these stay; and no folder, of course.
asio::awaitable<void> Upload::find_target() {
  for (int links = 0;; ++links) {
    auto there = co_await look(host_, path_);
    if (!there) co_return;
    if (there->kind == FileKind::symlink && links < kMostLinks) {
      path_ = link_target(path_, there->target);
      continue;
    }
    if (there->kind != FileKind::file)
      throw Failure(Errc::usage, fmt::format("{} is a {}: name a file", path_, name(there->kind)));
    mode_ = there->mode;
    co_return;
  }
}

// Before there is anything in it that others should not read.
asio::awaitable<void> Upload::take_mode() {
  if (!mode_ || (co_await file_.status()).mode == *mode_) co_return;
  auto path = temporary_.starts_with("~/") ? "./" + temporary_.substr(2) : temporary_;
  Command command{"chmod", "--", fmt::format("{:04o}", *mode_), std::move(path)};
  auto done = co_await host_.run(std::move(command));
  if (!done.exit.ok())
    throw Failure(Errc::system, fmt::format("cannot give {} the mode {:o} of the file that it "
                                            "replaces: {}",
                                            temporary_, *mode_, done.err));
}

asio::awaitable<void> Upload::lane() {
  for (;;) {
    auto piece = co_await input_.next();
    if (piece.bytes.empty()) co_return;
    co_await file_.write_at(piece.offset, piece.bytes);
  }
}

std::string temporary_beside(const std::string& path, std::uint64_t number) {
  auto folder = path.substr(0, path.rfind('/') + 1);
  return fmt::format("{}.nigh-input-{:016x}", folder, number);
}

std::string link_target(const std::string& path, const std::string& target) {
  if (target.starts_with('/')) return target;
  return path.substr(0, path.rfind('/') + 1) + target;
}

}  // namespace nigh::cli
