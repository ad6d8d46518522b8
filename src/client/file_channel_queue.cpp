// SPDX-License-Identifier: Apache-2.0
#include "client/file_channel_queue.hpp"

#include <algorithm>
#include <utility>

namespace nigh::client {

// Where the next bytes go: the pulling thread keeps away from it until pushed().
std::span<char> BlockQueue::room(std::size_t wanted) {
  std::lock_guard lock(mutex_);
  if (blocks_.empty() || blocks_.back()->end == kBlock) {
    // Its bytes are not initialised: they are written before they are read.
    blocks_.push_back(spare_ ? std::move(spare_) : std::make_unique_for_overwrite<Block>());
    blocks_.back()->begin = blocks_.back()->end = 0;
  }
  pushing_ = true;
  auto& last = *blocks_.back();
  return std::span(last.bytes).subspan(last.end, std::min(wanted, kBlock - last.end));
}

void BlockQueue::pushed(std::size_t count) {
  std::lock_guard lock(mutex_);
  pushing_ = false;
  blocks_.back()->end += count;
  size_ += count;
}

void BlockQueue::push(std::string_view bytes) {
  while (!bytes.empty()) {
    auto into = room(bytes.size());
    std::ranges::copy(bytes.substr(0, into.size()), into.begin());
    pushed(into.size());
    bytes.remove_prefix(into.size());
  }
}

std::span<const char> BlockQueue::front() {
  std::lock_guard lock(mutex_);
  if (blocks_.empty()) return {};
  const auto& first = *blocks_.front();
  return std::span(first.bytes).subspan(first.begin, first.end - first.begin);
}

void BlockQueue::pulled(std::size_t count) {
  std::lock_guard lock(mutex_);
  size_ -= count;
  auto& first = *blocks_.front();
  first.begin += count;
  if (first.begin < first.end) return;
  if (first.end == kBlock) {
    spare_ = std::move(blocks_.front());
    blocks_.pop_front();
  } else if (!pushing_) {
    first.begin = first.end = 0;  // small messages use the same few cache lines again
  }
}

std::size_t BlockQueue::pull(std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    auto from = front();
    from = from.first(std::min(from.size(), into.size() - done));
    if (from.empty()) break;
    std::ranges::copy(from, into.begin() + static_cast<std::ptrdiff_t>(done));
    pulled(from.size());
    done += from.size();
  }
  return done;
}

std::size_t BlockQueue::size() const {
  std::lock_guard lock(mutex_);
  return size_;
}

std::size_t BlockQueue::clear() {
  std::size_t done = 0;
  for (auto some = front().size(); some > 0; some = front().size()) {
    pulled(some);
    done += some;
  }
  return done;
}

}  // namespace nigh::client
