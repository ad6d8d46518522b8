// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/history.hpp"

#include <algorithm>

namespace nigh::terminal {
namespace {

// Blocks, because memory is given back as they are dropped, and no line needs an allocation.
constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kBlockLines = 4096;

}  // namespace

HistoryLine History::Block::line(std::size_t at) const {
  const std::size_t begin = begin_of(at);
  const End& end = ends[at];
  return {std::string_view(bytes).substr(begin, end.offset - begin),
          {end.is_wrapped != 0, end.lacks_one != 0, static_cast<Flow::Begin>(end.begin)}};
}

void History::push(const HistoryLine& line) {
  if (max_lines_ == 0) return;
  if (blocks_.empty() || blocks_.back().ends.size() == kBlockLines ||
      (blocks_.back().bytes.size() + line.bytes.size() > kBlockBytes &&
       !blocks_.back().ends.empty())) {
    // A first block of full size would be most of what a new session takes.
    if (!blocks_.empty()) blocks_.back().bytes.shrink_to_fit();
    blocks_.emplace_back();
    if (blocks_.size() > 1) blocks_.back().bytes.reserve(kBlockBytes);
  }
  Block& block = blocks_.back();
  block.bytes += line.bytes;
  block.ends.push_back({static_cast<std::uint32_t>(block.bytes.size()), line.flow.is_wrapped,
                        line.flow.lacks_one, static_cast<std::uint32_t>(line.flow.begin)});
  ++lines_;
  bytes_ += line.bytes.size();
  while (lines_ > max_lines_ || (bytes_ > max_bytes_ && lines_ > 0)) drop_oldest();
}

void History::drop_oldest() {
  Block& block = blocks_.front();
  bytes_ -= block.line(block.first).bytes.size();
  --lines_;
  if (foreign_ > 0) --foreign_;
  if (++block.first == block.ends.size()) blocks_.pop_front();
}

HistoryLine History::newest() const { return blocks_.back().line(blocks_.back().ends.size() - 1); }

void History::pop_newest() {
  Block& block = blocks_.back();
  const std::size_t last = block.ends.size() - 1;
  bytes_ -= block.line(last).bytes.size();
  --lines_;
  foreign_ = std::min(foreign_, lines_);
  block.bytes.resize(block.begin_of(last));
  block.ends.pop_back();
  if (block.ends.size() == block.first) blocks_.pop_back();
}

void History::clear() {
  blocks_.clear();
  lines_ = 0;
  bytes_ = 0;
  foreign_ = 0;
}

}  // namespace nigh::terminal
