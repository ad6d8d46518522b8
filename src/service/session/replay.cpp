// SPDX-License-Identifier: Apache-2.0
#include "service/session/replay.hpp"

#include <string.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"

namespace nigh::session {

Replay::Replay(Replay&& other) noexcept
    : capacity_(other.capacity_),
      blocks_(std::exchange(other.blocks_, {})),
      spare_(std::exchange(other.spare_, {})),
      base_(other.base_),
      begin_(other.begin_),
      end_(other.end_) {}

Replay::~Replay() {
  release(end_);
  settle();
}

void Replay::settle() {
  for (auto& block : spare_) ::explicit_bzero(block.get(), kBlock);
  spare_ = std::vector<Block>();
}

Replay::Block Replay::new_block() {
  if (spare_.empty()) return std::make_unique_for_overwrite<char[]>(kBlock);
  auto block = std::move(spare_.back());
  spare_.pop_back();
  return block;
}

std::span<char> Replay::room() {
  if (free() == 0) return {};
  auto used = static_cast<std::size_t>(end_ - base_);
  if (used == blocks_.size() * kBlock) blocks_.push_back(new_block());
  auto within = used % kBlock;
  return {blocks_.back().get() + within, std::min(kBlock - within, free())};
}

void Replay::commit(std::size_t count) {
  auto used = static_cast<std::size_t>(end_ - base_);
  expect(count <= free() && used + count <= blocks_.size() * kBlock,
         "more was written to a replay buffer than it had room for");
  end_ += count;
  if (begin_ == end_) release(end_);  // a block that was made for nothing
}

std::size_t Replay::append(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    auto into = room();
    if (into.empty()) break;
    auto count = bytes.copy(into.data(), into.size(), taken);
    commit(count);
    taken += count;
  }
  return taken;
}

std::string_view Replay::at(std::uint64_t offset) const {
  expect(offset >= begin_ && offset <= end_, "a replay buffer was asked for what it does not have");
  if (offset == end_) return {};
  auto from = static_cast<std::size_t>(offset - base_);
  auto length = std::min<std::uint64_t>(kBlock - from % kBlock, end_ - offset);
  return {blocks_[from / kBlock].get() + from % kBlock, static_cast<std::size_t>(length)};
}

void Replay::release(std::uint64_t offset) {
  expect(offset <= end_, "a replay buffer was to forget what has not come");
  if (offset > begin_) begin_ = offset;
  for (; !blocks_.empty() && base_ + kBlock <= begin_; base_ += kBlock) forget_first(kBlock);
  if (begin_ != end_) return;
  if (!blocks_.empty()) forget_first(static_cast<std::size_t>(end_ - base_));
  base_ = end_;
}

void Replay::forget_first(std::size_t used) {
  // A block that is not full is that of a few keys or lines, which are gone at once.
  if (used == kBlock && spare_.size() < kMaxSpare)
    spare_.push_back(std::move(blocks_.front()));
  else
    ::explicit_bzero(blocks_.front().get(), used);
  blocks_.pop_front();
}

std::uint64_t Replay::tail(std::uint64_t lines) const {
  if (lines == 0) return end_;
  // From the end backwards, a block at a time.
  for (auto upto = end_; upto > begin_;) {
    auto from = std::max(begin_, base_ + (upto - 1 - base_) / kBlock * kBlock);
    auto piece = at(from).substr(0, static_cast<std::size_t>(upto - from));
    for (auto i = piece.size(); i-- > 0;) {
      const bool ends_all = from + i + 1 == end_;
      if (piece[i] == '\n' && !ends_all && --lines == 0) return from + i + 1;
    }
    upto = from;
  }
  return begin_;
}

}  // namespace nigh::session
