// SPDX-License-Identifier: Apache-2.0
// Finds what a changed file has in common with its old version on another machine, exchanging only
// hashes. Pure: reads both files through callbacks, knows no descriptor and no network.
//
// The end that has the old version (the basis) signs blocks of it; the end that has the new one
// looks for them: first each at its own place, then, in what is still unmatched, at every offset
// with a rolling hash. What remains is asked for again in finer blocks, but only there, until
// sending it is cheaper than asking. Then the new file is a list of pieces: copies and literals.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nigh::delta {

struct Span {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const Span&) const = default;
};

// What the basis is asked for: hashes of the blocks of these spans, each span cut into blocks from
// its start, the last block of a span may be short. Spans are sorted and disjoint.
struct SignatureRequest {
  std::uint32_t block = 0;  // bytes: kMinBlock to kMaxBlock
  std::vector<Span> spans;
};
inline constexpr std::uint32_t kMinBlock = 128;
inline constexpr std::uint32_t kMaxBlock = 1 << 20;
// Of one request, so that a signature is at most 8 MiB. What a larger file has more is asked for
// in further rounds.
inline constexpr std::uint64_t kMaxBlocks = (8 << 20) / 9;

// For each block, in the order of the spans: 4 bytes of a weak rolling hash and 5 bytes of XXH3
// (big-endian), under the transfer's seed. A match is a guess until the digest of the whole file
// confirms it.
inline constexpr std::size_t kBytesPerBlock = 9;
using Signature = std::string;

// Bytes of a file: fills `into` from `offset`; fewer only at its end.
using ReadAt = std::function<Result<std::size_t>(std::uint64_t offset, std::span<char> into)>;

std::uint64_t block_count(const SignatureRequest& request);
// Reads the basis once. Errc::malformed: the request is not sorted, not within `size`, has empty
// spans or too many blocks, or its block size is out of range: nothing is read then.
// Errc::unavailable: the file became shorter than `size`.
Result<Signature> sign(const SignatureRequest& request, std::uint64_t size, std::uint64_t seed,
                       const ReadAt& basis);

// How the new file is made: in order, without gaps. `from`: copied from there in the basis;
// nullopt: literal, to be sent.
struct Piece {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::optional<std::uint64_t> from;
  bool operator==(const Piece&) const = default;
};

// The costs that decide whether another round pays.
struct Costs {
  std::uint64_t round_trip_bytes = 64 * 1024;  // what could be sent while a question is under way
};

struct BasisShape {
  std::uint64_t size = 0;
  // The first so many bytes are in the very file that will be written (a partial file, --inplace):
  // they match at their own offset only.
  std::uint64_t fixed = 0;
};

// The end with the new file. One object a file; memory in proportion to spans and to one round's
// signature, never to the file.
class Matcher {
 public:
  // `data`: where the new file has data; holes between need not be sent or matched.
  Matcher(std::uint64_t size, std::vector<Span> data, const BasisShape& basis, std::uint64_t seed,
          Costs costs = {});
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;
  ~Matcher();

  // What to ask the basis next; nullopt: nothing more, take pieces().
  std::optional<SignatureRequest> next_request() const;
  // The answer to next_request(). Reads of the new file what is unmatched. Errc::malformed: it does
  // not have the size that was asked for. An error of `file` is passed on; Errc::unavailable: the
  // file became shorter. After an error the question stands and may be answered again.
  Result<void> answer(std::string_view signature, const ReadAt& file);

  // Covers exactly the data spans, in order; adjacent copies that continue each other are one.
  std::vector<Piece> pieces() const;
  std::uint64_t literal_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nigh::delta
