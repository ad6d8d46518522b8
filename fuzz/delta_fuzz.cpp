// SPDX-License-Identifier: Apache-2.0
// Both ends against a hostile one: a request of any shape to sign(), signatures of any content to
// the matcher. Pieces stay within both files and cover the new one.
#include <algorithm>
#include <cstring>

#include "delta/delta.hpp"

using namespace nigh::delta;

static ReadAt reader(std::string_view file) {
  return [file](std::uint64_t offset, std::span<char> into) -> nigh::Result<std::size_t> {
    const auto rest = file.substr(std::min<std::uint64_t>(offset, file.size()));
    return rest.copy(into.data(), into.size());
  };
}

static void hostile_request(std::string_view bytes) {
  SignatureRequest request;
  std::memcpy(&request.block, bytes.data(), std::min(bytes.size(), sizeof request.block));
  for (; bytes.size() >= sizeof(Span); bytes.remove_prefix(sizeof(Span)))
    std::memcpy(&request.spans.emplace_back(), bytes.data(), sizeof(Span));
  auto signature = sign(request, 4000, 1, reader(std::string(4000, 'a')));
  nigh::expect(!signature || signature->size() == block_count(request) * kBytesPerBlock, "size");
}

static void hostile_signatures(std::string_view bytes, std::uint64_t basis, std::uint64_t fixed) {
  Matcher matcher(bytes.size(), {{0, bytes.size()}}, {basis, fixed}, 1, {.round_trip_bytes = 0});
  while (auto request = matcher.next_request()) {
    std::string signature(block_count(*request) * kBytesPerBlock, '\0');
    for (std::size_t i = 0; i < signature.size(); ++i) signature[i] = bytes[i % bytes.size()];
    nigh::expect(matcher.answer(signature, reader(bytes)).has_value(), "an answer is refused");
  }
  std::uint64_t at = 0;
  for (const auto& piece : matcher.pieces()) {
    nigh::expect(piece.offset == at, "pieces have a gap");
    nigh::expect(!piece.from || *piece.from + piece.length <= basis, "a copy beyond the basis");
    nigh::expect(!piece.from || *piece.from >= fixed || *piece.from == at, "the fixed part moved");
    at += piece.length;
  }
  nigh::expect(at == bytes.size(), "pieces end early");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 5) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 4), size - 4);
  hostile_request(bytes);
  const auto basis = std::uint64_t{data[0]} << (data[1] % 16);
  hostile_signatures(bytes, basis, std::min<std::uint64_t>(basis, data[2] << (data[3] % 16)));
  return 0;
}
