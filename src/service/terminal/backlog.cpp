// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/backlog.hpp"

#include <algorithm>
#include <cstring>

namespace nigh::terminal {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kMaxUnplain = 256 * 1024;
constexpr std::size_t kMaxPlain = 4 << 20;

bool is_unplain(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value < 0x20 && value != '\n' && value != '\r' && value != '\t' && value != '\b';
}

// Counts without branches, so that compilers make vector instructions of it.
template <typename Matches>
std::size_t count_if(std::string_view bytes, Matches matches) {
  constexpr std::size_t kStep = 128;  // a byte can count that far
  std::size_t total = 0;
  while (!bytes.empty()) {
    const auto part = bytes.substr(0, kStep);
    unsigned char here = 0;
    for (const char byte : part) here = static_cast<unsigned char>(here + (matches(byte) ? 1 : 0));
    total += here;
    bytes.remove_prefix(part.size());
  }
  return total;
}

bool is_printable_ascii(char byte) { return byte >= 0x20 && byte <= 0x7e; }

// Text of lines alone: printable ASCII, CR nowhere but before LF, LF.
std::size_t rows_of_lines(std::string_view text, std::size_t columns) {
  std::size_t rows = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::size_t length = end;
    if (length > 0 && text[length - 1] == '\r') --length;
    if (length > 0) rows += (length - 1) / columns;
    if (end == text.size()) break;
    ++rows;
    text.remove_prefix(end + 1);
  }
  return rows;
}

// A CR that is not at a line's end puts text over other text.
bool has_inner_return(std::string_view text) {
  for (auto at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1)) {
    if (at + 1 < text.size() && text[at + 1] != '\n') return true;
  }
  return false;
}

}  // namespace

bool is_plain_text(std::string_view bytes) { return count_if(bytes, is_unplain) == 0; }

std::size_t rows_at_least(std::string_view text, int columns) {
  const auto width = static_cast<std::size_t>(columns);
  const std::size_t ends = count_if(text, [](char byte) { return byte == '\n'; });
  // Where lines are shorter than rows, there is next to nothing to gain from looking closer.
  if (ends * width > text.size()) return ends;
  const std::size_t others = count_if(
      text, [](char byte) { return !is_printable_ascii(byte) && byte != '\n' && byte != '\r'; });
  if (others > 0 || has_inner_return(text)) return ends;
  return rows_of_lines(text, width);
}

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
  block.bytes = std::move(open_);
  open_ = {};
  bytes_ += block.bytes.size();
  block.is_plain = is_plain_text(block.bytes);
  if (block.is_plain) block.rows = rows_at_least(block.bytes, columns);
}

// A plain run may grow to what fills screen and history twice over.
std::size_t Backlog::limit(const Terminal& terminal) const {
  if (blocks_.empty() || !blocks_.front().is_plain || !terminal.scrolls_plainly()) {
    return kMaxUnplain;
  }
  const State& state = terminal.state();
  const auto rows = state.history.max_lines() + static_cast<std::size_t>(state.page().rows());
  return std::clamp(2 * rows * static_cast<std::size_t>(state.page().columns()), kMaxUnplain,
                    kMaxPlain);
}

void Backlog::feed_front(Terminal& terminal) {
  terminal.feed(blocks_.front().bytes);
  bytes_ -= blocks_.front().bytes.size();
  blocks_.pop_front();
}

// Drops what it can of the first block. False if that is less than half of it.
bool Backlog::shrink_front(const Terminal& terminal) {
  Block& front = blocks_.front();
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

  const auto columns = static_cast<std::size_t>(state.page().columns());
  std::string_view text = front.bytes;
  if (const auto last = text.rfind('\r'); last != std::string_view::npos) text.remove_prefix(last);
  // Of a row's text that fills rows, as many characters as make whole rows can go.
  std::size_t start = text.size();
  while (start > 0 && is_printable_ascii(text[start - 1])) --start;
  const std::size_t run = text.size() - start;
  const std::size_t dropped = run == 0 ? 0 : (run - 1) / columns * columns;
  if (start + run - dropped > front.bytes.size() / 2) return false;

  std::string kept(text.substr(0, start));
  kept += text.substr(start + dropped);
  bytes_ -= front.bytes.size();
  bytes_ += kept.size();
  kept += blocks_[1].bytes;
  blocks_[1].bytes = std::move(kept);
  blocks_.pop_front();
  return true;
}

void Backlog::settle(Terminal& terminal) {
  while (blocks_.size() > 1 && shrink_front(terminal)) {
  }
  while (!blocks_.empty()) feed_front(terminal);
  terminal.feed(open_);
  open_ = {};
}

}  // namespace nigh::terminal
