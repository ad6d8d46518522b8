// SPDX-License-Identifier: Apache-2.0
#include "wire/reader.hpp"

#include <fmt/format.h>

#include <limits>

namespace nigh::wire {
namespace {

template <class T>
T big_endian(std::string_view bytes) {
  T value = 0;
  for (char c : bytes) value = static_cast<T>((value << 8) | static_cast<std::uint8_t>(c));
  return value;
}

template <class T>
void put_big_endian(std::string& out, T value) {
  for (int shift = (sizeof(T) - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift));
}

}  // namespace

std::string_view Reader::bytes(std::size_t count) {
  if (!ok_ || count > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  auto taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::uint8_t Reader::u8() {
  auto b = bytes(1);
  return b.empty() ? 0 : static_cast<std::uint8_t>(b[0]);
}
std::uint32_t Reader::u32() { return big_endian<std::uint32_t>(bytes(4)); }
std::uint64_t Reader::u64() { return big_endian<std::uint64_t>(bytes(8)); }
std::string_view Reader::string() {
  auto length = u32();
  return bytes(length);
}

Result<void> Reader::finish(std::string_view what) const {
  if (!ok_) return fail(Errc::malformed, fmt::format("{} is cut short", what));
  if (!rest_.empty())
    return fail(Errc::malformed, fmt::format("{} has {} bytes too many", what, rest_.size()));
  return {};
}

Writer& Writer::u8(std::uint8_t value) {
  out_.push_back(static_cast<char>(value));
  return *this;
}
Writer& Writer::u32(std::uint32_t value) {
  put_big_endian(out_, value);
  return *this;
}
Writer& Writer::u64(std::uint64_t value) {
  put_big_endian(out_, value);
  return *this;
}
Writer& Writer::bytes(std::string_view value) {
  out_ += value;
  return *this;
}
Writer& Writer::string(std::string_view value) {
  expect(value.size() <= std::numeric_limits<std::uint32_t>::max(), "wire string over 4 GiB");
  return u32(static_cast<std::uint32_t>(value.size())).bytes(value);
}

}  // namespace nigh::wire
