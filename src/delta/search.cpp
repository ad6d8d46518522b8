// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "delta/passes.hpp"
#include "delta/strong.hpp"

namespace nigh::delta {

namespace {

using Block = BlockIndex::Block;

// After so many bytes in which nothing was found, only samples are looked at: a few blocks' worth
// out of every kStrideBlocks. What is found there is followed in both directions.
constexpr std::uint64_t kPatience = 32 << 20;
constexpr std::uint64_t kSampleBlocks = 2;
constexpr std::uint64_t kStrideBlocks = 16;
// So many bytes may be hashed for weak hashes that deceived: beyond that a hostile peer, or
// content that suits the weak hash badly, would cost more time than the answer is worth.
constexpr std::uint64_t kVainBytes = 256 << 20;

std::uint64_t end_of(const Span& span) { return span.offset + span.length; }

struct Found {
  std::uint64_t at = 0;
  Block block;
};

class Searcher {
 public:
  explicit Searcher(const Round& round)
      : round_(round),
        size_(round.index.block_size()),
        weak_(round.seed),
        slider_(weak_, round.index.block_size()) {}

  // `left` and `right`: where in the basis the neighbours end and begin.
  Result<void> piece(const Piece& literal, std::optional<std::uint64_t> left,
                     std::optional<std::uint64_t> right);
  void keep(const Piece& copy) { pieces_.add(copy); }
  PieceList take() { return std::move(pieces_); }

 private:
  Result<bool> equal(const Block& block, std::uint64_t at, std::uint64_t end);
  // Both move the bound that they get as long as blocks match.
  Result<void> follow(std::uint64_t& begin, std::uint64_t end, std::uint64_t basis);
  Result<std::vector<Found>> follow_back(std::uint64_t begin, std::uint64_t& end,
                                         std::uint64_t basis);
  Result<void> roll(std::uint64_t begin, std::uint64_t end);
  Result<void> accept(const Found& found, std::uint64_t literal, std::uint64_t& at,
                      std::uint64_t end);
  // The first window that starts in [begin, end - size] and is a block.
  Result<std::optional<Found>> find(std::uint64_t begin, std::uint64_t end);
  std::optional<Block> confirm(std::uint32_t weak, std::string_view window);

  const Round& round_;
  const std::uint64_t size_;
  const WeakHash weak_;
  const Slider slider_;
  std::uint64_t vain_ = 0;
  PieceList pieces_;
};

// Of a block that is known by its place: does it stand at `at` of the new file? Reads ahead to
// `end`.
Result<bool> Searcher::equal(const Block& block, std::uint64_t at, std::uint64_t end) {
  if (block.basis.offset < round_.basis.fixed && block.basis.offset != at) return false;
  const auto length = static_cast<std::size_t>(block.basis.length);
  auto bytes = round_.file.look(at, length, end);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  return strong_hash(bytes->substr(0, length), round_.seed) == block.strong;
}

Result<void> Searcher::follow(std::uint64_t& begin, std::uint64_t end, std::uint64_t basis) {
  for (;;) {
    const auto block = round_.index.starting_at(basis);
    if (!block || block->basis.length > end - begin) return {};
    auto same = equal(*block, begin, end);
    if (!same) return std::unexpected(std::move(same).error());
    if (!*same) return {};
    pieces_.add_copy(begin, block->basis.length, basis);
    begin += block->basis.length;
    basis += block->basis.length;
  }
}

Result<std::vector<Found>> Searcher::follow_back(std::uint64_t begin, std::uint64_t& end,
                                                 std::uint64_t basis) {
  std::vector<Found> found;
  for (;;) {
    const auto block = round_.index.ending_at(basis);
    if (!block || block->basis.length > end - begin) break;
    auto same = equal(*block, end - block->basis.length, end);
    if (!same) return std::unexpected(std::move(same).error());
    if (!*same) break;
    end -= block->basis.length;
    basis = block->basis.offset;
    found.push_back({end, *block});
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::optional<Block> Searcher::confirm(std::uint32_t weak, std::string_view window) {
  const auto keys = round_.index.with_weak(weak);
  if (keys.empty()) return std::nullopt;
  const auto strong = strong_hash(window, round_.seed);
  for (const auto& key : keys)
    if (auto block = round_.index.block(key.number); block.strong == strong) return block;
  vain_ += window.size();
  return std::nullopt;
}

Result<std::optional<Found>> Searcher::find(std::uint64_t begin, std::uint64_t end) {
  const auto size = static_cast<std::size_t>(size_);
  auto bytes = round_.file.look(begin, size, end);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  auto view = *bytes;  // starts with the window that `weak` is of
  auto at = begin;
  auto weak = weak_(view.substr(0, size));
  while (vain_ < kVainBytes) {
    const auto skipped = slider_.find(view, round_.index.filter(), weak);
    if (skipped + size <= view.size()) {
      at += skipped;
      view.remove_prefix(skipped);
      if (auto block = confirm(weak, view.substr(0, size))) return Found{at, *block};
    } else {
      at += view.size() - size;
      view.remove_prefix(view.size() - size);
    }
    // `weak` is of the window at `at`, which is none: on to the next.
    if (at + size == end) break;
    if (view.size() == size) {
      bytes = round_.file.look(at, size + 1, end);
      if (!bytes) return std::unexpected(std::move(bytes).error());
      view = *bytes;
    }
    weak = slider_.next(weak, view[0], view[size]);
    view.remove_prefix(1);
    ++at;
  }
  return std::nullopt;
}

// Copies `found`, and what matches in step before it (from `literal` on) and behind it.
Result<void> Searcher::accept(const Found& found, std::uint64_t literal, std::uint64_t& at,
                              std::uint64_t end) {
  auto start = found.at;
  auto before = follow_back(literal, start, found.block.basis.offset);
  if (!before) return std::unexpected(std::move(before).error());
  pieces_.add_literal(literal, start - literal);
  for (const auto& [place, block] : *before)
    pieces_.add_copy(place, block.basis.length, block.basis.offset);
  pieces_.add_copy(found.at, size_, found.block.basis.offset);
  at = found.at + size_;
  return follow(at, end, end_of(found.block.basis));
}

Result<void> Searcher::roll(std::uint64_t begin, std::uint64_t end) {
  auto literal = begin;
  for (auto at = begin; end - at >= size_ && vain_ < kVainBytes;) {
    const bool patient = at - literal < kPatience;
    const auto stop =
        std::min(end, patient ? literal + kPatience + size_ : at + kSampleBlocks * size_);
    auto found = find(at, stop);
    if (!found) return std::unexpected(std::move(found).error());
    if (*found) {
      if (auto accepted = accept(**found, literal, at, end); !accepted) return accepted;
      literal = at;
    } else {
      at = patient ? stop - size_ + 1 : std::min(end, at + kStrideBlocks * size_);
    }
  }
  pieces_.add_literal(literal, end - literal);
  return {};
}

Result<void> Searcher::piece(const Piece& literal, std::optional<std::uint64_t> left,
                             std::optional<std::uint64_t> right) {
  auto begin = literal.offset;
  auto end = literal.offset + literal.length;
  if (left)
    if (auto followed = follow(begin, end, *left); !followed) return followed;
  std::vector<Found> tail;
  if (right) {
    auto followed = follow_back(begin, end, *right);
    if (!followed) return std::unexpected(std::move(followed).error());
    tail = *std::move(followed);
  }
  if (auto rolled = roll(begin, end); !rolled) return rolled;
  for (const auto& [place, block] : tail)
    pieces_.add_copy(place, block.basis.length, block.basis.offset);
  return {};
}

}  // namespace

Result<PieceList> search(const PieceList& pieces, const Round& round) {
  Searcher searcher(round);
  const auto& list = pieces.pieces();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].from) {
      searcher.keep(list[i]);
      continue;
    }
    std::optional<std::uint64_t> left;
    std::optional<std::uint64_t> right;
    const auto end = list[i].offset + list[i].length;
    if (i > 0 && list[i - 1].from && list[i - 1].offset + list[i - 1].length == list[i].offset)
      left = *list[i - 1].from + list[i - 1].length;
    if (i + 1 < list.size() && list[i + 1].from && list[i + 1].offset == end)
      right = list[i + 1].from;
    else if (end == round.file_size)
      right = round.basis.size;
    if (auto done = searcher.piece(list[i], left, right); !done)
      return std::unexpected(std::move(done).error());
  }
  return searcher.take();
}

}  // namespace nigh::delta
