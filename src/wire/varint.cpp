// SPDX-License-Identifier: Apache-2.0
#include "wire/varint.hpp"

#include <fmt/format.h>

namespace nigh::wire {

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void put_signed(std::string& out, std::int64_t value) {
  put_varint(out,
             (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void put_bytes(std::string& out, std::string_view bytes) {
  put_varint(out, bytes.size());
  out += bytes;
}

std::uint64_t VarintReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; ok_ && !rest_.empty() && shift < 64; shift += 7) {
    auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    // The tenth byte has room for one bit; a last byte of zero says nothing.
    if ((shift == 63 && byte > 1) || (byte == 0 && shift > 0)) break;
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  ok_ = false;
  return 0;
}

std::int64_t VarintReader::signed_varint() {
  auto folded = varint();
  return static_cast<std::int64_t>((folded >> 1) ^ (~(folded & 1) + 1));
}

std::string_view VarintReader::raw(std::size_t n) {
  if (!ok_ || n > rest_.size()) {
    ok_ = false;
    return {};
  }
  auto taken = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return taken;
}

std::string_view VarintReader::bytes() {
  auto size = varint();
  if (size > rest_.size()) ok_ = false;
  return ok_ ? raw(static_cast<std::size_t>(size)) : std::string_view();
}

std::uint64_t VarintReader::fixed64() {
  std::uint64_t value = 0;
  for (char byte : raw(8)) value = value << 8 | static_cast<std::uint8_t>(byte);
  return ok_ ? value : 0;
}

Result<void> VarintReader::finish(std::string_view what) const {
  if (!ok_) return fail(Errc::malformed, fmt::format("{} is cut short or has a bad number", what));
  if (!rest_.empty()) return fail(Errc::malformed, fmt::format("{} is too long", what));
  return {};
}

}  // namespace nigh::wire
