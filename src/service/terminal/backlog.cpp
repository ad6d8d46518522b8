// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/backlog.hpp"

#include <algorithm>
#include <utility>

#include "service/terminal/plain_text.hpp"

namespace nigh::terminal {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kMaxUnplain = 256 * 1024;
constexpr std::size_t kMaxPlain = 4 << 20;

}  // namespace

void Backlog::add(std::string_view bytes, Terminal& terminal) {
  while (!bytes.empty()) {
    if (open_.capacity() < kBlock) open_.reserve(kBlock);
    const auto part = bytes.substr(0, kBlock - open_.size());
    open_ += part;
    bytes.remove_prefix(part.size());
    if (open_.size() < kBlock) return;
    close_block(terminal.state().page().columns());
    while (bytes_ > limit(terminal)) {
      if (!shrink_front(terminal)) feed_front(terminal);
    }
  }
}

void Backlog::close_block(int columns) {
  Block& block = blocks_.emplace_back();
  block.bytes = std::exchange(open_, {});
  if (const auto scan = scan_plain(block.bytes)) {
    block.is_plain = true;
    open_ = block.bytes.substr(*scan);
    block.bytes.resize(*scan);
    block.rows = rows_at_least(block.bytes, columns);
  }
  bytes_ += block.bytes.size();
}

// A plain run may grow to a little more than fills screen and history.
std::size_t Backlog::limit(const Terminal& terminal) const {
  if (blocks_.empty() || !blocks_.front().is_plain || !terminal.scrolls_plainly()) {
    return kMaxUnplain;
  }
  const State& state = terminal.state();
  const auto rows = state.history.max_lines() + static_cast<std::size_t>(state.page().rows());
  const std::size_t full = rows * static_cast<std::size_t>(state.page().columns() + 2);
  return std::clamp(full + full / 8, kMaxUnplain, kMaxPlain);
}

void Backlog::feed_front(Terminal& terminal) {
  terminal.feed(rest_);
  terminal.feed(blocks_.front().bytes);
  rest_.clear();
  bytes_ -= blocks_.front().bytes.size();
  blocks_.pop_front();
}

// Drops what it can of the first block, and of the rest of those before it. False if that is not
// most of it.
bool Backlog::shrink_front(const Terminal& terminal) {
  const Block& front = blocks_.front();
  if (!front.is_plain || !terminal.scrolls_plainly() || blocks_.size() < 2) return false;
  // Rows that were on the screen before are written over at first: they have to leave as well.
  const State& state = terminal.state();
  const auto height = static_cast<std::size_t>(state.page().rows());
  const std::size_t needed = state.history.max_lines() + 2 * height + 1;
  std::size_t rows = 0;
  for (auto block = blocks_.begin() + 1; block != blocks_.end() && block->is_plain; ++block) {
    rows += block->rows;
    if (rows >= needed) break;
  }
  if (rows < needed) return false;

  std::string rest = rest_ + front.bytes;
  const auto cut = last_cut(rest);
  if (cut) rest.erase(0, cut->offset);
  // Of text that fills rows, as many characters as make whole rows can go.
  const auto columns = static_cast<std::size_t>(state.page().columns());
  const std::size_t begin = begin_of_last_run(rest);
  const std::size_t run = rest.size() - begin;
  rest.erase(begin, run == 0 ? 0 : (run - 1) / columns * columns);
  if (cut && cut->has_standard_pen) rest.insert(0, "\x1b[m");
  if (rest.size() > front.bytes.size() / 2) return false;
  rest_ = std::move(rest);
  bytes_ -= front.bytes.size();
  blocks_.pop_front();
  return true;
}

void Backlog::settle(Terminal& terminal) {
  while (blocks_.size() > 1 && shrink_front(terminal)) {
  }
  while (!blocks_.empty()) feed_front(terminal);
  terminal.feed(rest_);
  terminal.feed(open_);
  rest_ = {};
  open_ = {};
}

}  // namespace nigh::terminal
