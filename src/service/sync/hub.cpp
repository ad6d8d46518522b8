// SPDX-License-Identifier: Apache-2.0
#include "service/sync/hub.hpp"

#include "base/log.hpp"
#include "base/text.hpp"

namespace nigh::sync {
namespace {

using namespace std::chrono_literals;
constexpr auto kBetweenProgress = 100ms;
constexpr std::size_t kKeptFailures = 1000;

}  // namespace

void Hub::item(const TransferItem& item) {
  std::lock_guard lock(mutex_);
  count(item);
  if (!item.digest.empty()) log::debug("{}: XXH3 {}", printable(item.path), item.digest);
  if (events_.on_item) events_.on_item(item);
}

void Hub::count(const TransferItem& item) {
  using Action = TransferItem::Action;
  const bool folder = item.kind == FileKind::directory;
  switch (item.action) {
    case Action::created:
      ++(folder ? report_.directories : report_.files);
      break;
    case Action::updated:
    case Action::linked:
      ++report_.files;
      break;
    case Action::moved:
    case Action::copied:
      ++report_.moved;
      break;
    case Action::removed:
      ++report_.removed;
      break;
    case Action::skipped:
      ++report_.skipped;
      return;
    case Action::attributes:
      return;
  }
  if (item.kind == FileKind::file && item.action != Action::removed) report_.bytes += item.size;
}

void Hub::failure(const std::string& path, const Error& error) {
  std::lock_guard lock(mutex_);
  ++report_.failed;
  log::debug("{}: {}", printable(path), error.message);
  if (report_.failures.size() < kKeptFailures) report_.failures.push_back({path, error});
  if (events_.on_failure) events_.on_failure({path, error});
}

void Hub::skipped(const std::string& path, FileKind kind, const std::string& reason) {
  item({.action = TransferItem::Action::skipped, .kind = kind, .path = path, .reason = reason});
}

void Hub::pass() {
  std::lock_guard lock(mutex_);
  if (events_.on_pass) events_.on_pass();
}

void Hub::total(std::uint64_t files, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  progress_.files_total += files;
  progress_.bytes_total += bytes;
  progress_.counted = true;
}

void Hub::begin_file(const std::string& path) {
  if (!events_.on_progress) return;
  std::lock_guard lock(mutex_);
  progress_.current = path;
  tell_progress(false);
}

void Hub::add_bytes(std::uint64_t bytes) {
  if (!events_.on_progress) return;
  std::lock_guard lock(mutex_);
  progress_.bytes_done += bytes;
  tell_progress(false);
}

void Hub::end_file() {
  if (!events_.on_progress) return;
  std::lock_guard lock(mutex_);
  ++progress_.files_done;
  tell_progress(false);
}

void Hub::unchanged(std::uint64_t files) {
  std::lock_guard lock(mutex_);
  report_.unchanged += files;
}

void Hub::literal(std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  report_.literal += bytes;
}

void Hub::set_written(std::uint64_t files, std::uint64_t directories, std::uint64_t removed,
                      std::uint64_t moved) {
  std::lock_guard lock(mutex_);
  report_.files = files;
  report_.directories = directories;
  report_.removed = removed;
  report_.moved = moved;
}

std::uint64_t Hub::failed() const {
  std::lock_guard lock(mutex_);
  return report_.failed;
}

TransferReport Hub::report() const {
  std::lock_guard lock(mutex_);
  return report_;
}

void Hub::tell_progress(bool now) {
  auto time = std::chrono::steady_clock::now();
  if (!now && time - told_ < kBetweenProgress) return;
  told_ = time;
  events_.on_progress(progress_);
}

}  // namespace nigh::sync
