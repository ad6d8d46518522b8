// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "delta/passes.hpp"
#include "delta/plan.hpp"

namespace nigh::delta {

struct Matcher::State {
  std::uint64_t size;
  BasisShape basis;
  std::uint64_t seed;
  Costs costs;
  PieceList pieces;
  // What is still to be asked in this block size, and the part of it that is asked now.
  std::uint32_t block = 0;
  std::vector<Span> to_ask;
  std::optional<SignatureRequest> request;
  // What this block size was to bring, and the literals from before it: whether to believe more.
  std::uint64_t expected = 0;
  std::uint64_t literal_before = 0;

  std::uint64_t literal() const;
  void ask(Regions regions, std::uint32_t size_of_blocks);
  void ask_first(const std::vector<Span>& data);
  void ask_finer();
  void next_part();
};

namespace {

// Cuts up to `count` blocks off the front of `spans`.
std::vector<Span> take_blocks(std::vector<Span>& spans, std::uint32_t block, std::uint64_t count) {
  std::vector<Span> taken;
  std::size_t done = 0;
  for (; done < spans.size() && count > 0; ++done) {
    auto& span = spans[done];
    const auto blocks = span.length / block + (span.length % block != 0 ? 1 : 0);
    const auto length = blocks <= count ? span.length : count * block;
    taken.push_back({span.offset, length});
    if (length < span.length) {
      span = {span.offset + length, span.length - length};
      break;
    }
    count -= blocks;
  }
  spans.erase(spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(done));
  return taken;
}

}  // namespace

std::uint64_t Matcher::State::literal() const {
  std::uint64_t sum = 0;
  for (const auto& piece : pieces.pieces())
    if (!piece.from) sum += piece.length;
  return sum;
}

void Matcher::State::ask(Regions regions, std::uint32_t size_of_blocks) {
  block = size_of_blocks;
  expected = regions.recoverable;
  literal_before = literal();
  to_ask = std::move(regions.spans);
  next_part();
}

void Matcher::State::ask_first(const std::vector<Span>& data) {
  auto regions = all_regions(size, data, basis);
  const auto first = first_block(regions.bytes);
  if (pays(regions, first, costs)) ask(std::move(regions), first);
}

void Matcher::State::ask_finer() {
  auto regions = unmatched_regions(pieces, basis, block);
  // Where the last blocks brought next to nothing, finer ones hardly will.
  constexpr std::uint64_t kDoubt = 8;
  if (literal_before - literal() < expected / kDoubt) regions.recoverable /= kDoubt;
  if (const auto finer = finer_block(regions, block, costs)) ask(std::move(regions), *finer);
}

void Matcher::State::next_part() {
  request.reset();
  if (!to_ask.empty()) request = {block, take_blocks(to_ask, block, kMaxBlocks)};
}

Matcher::Matcher(std::uint64_t size, std::vector<Span> data, const BasisShape& basis,
                 std::uint64_t seed, Costs costs)
    : state_(std::make_unique<State>(size, basis, seed, costs)) {
  data = normalised(std::move(data), size);
  for (const auto& span : data) state_->pieces.add_literal(span.offset, span.length);
  state_->basis.fixed = std::min(basis.fixed, basis.size);
  state_->ask_first(data);
}

Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

std::optional<SignatureRequest> Matcher::next_request() const { return state_->request; }

Result<void> Matcher::answer(std::string_view signature, const ReadAt& file) {
  auto& state = *state_;
  if (!state.request || signature.size() != block_count(*state.request) * kBytesPerBlock)
    return fail(Errc::malformed, "a signature has not the size that was asked for");
  const BlockIndex index(*state.request, signature, state.basis.fixed);
  Window window(file, window_capacity(state.request->block, state.size));
  const Round round{index, window, state.size, state.basis, state.seed};
  auto in_place = match_in_place(state.pieces, round);
  if (!in_place) return std::unexpected(std::move(in_place).error());
  auto searched = search(*in_place, round);
  if (!searched) return std::unexpected(std::move(searched).error());
  state.pieces = *std::move(searched);
  state.next_part();
  if (!state.request) state.ask_finer();
  return {};
}

std::vector<Piece> Matcher::pieces() const { return state_->pieces.pieces(); }

std::uint64_t Matcher::literal_bytes() const { return state_->literal(); }

}  // namespace nigh::delta
