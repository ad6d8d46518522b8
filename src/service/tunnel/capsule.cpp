// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/capsule.hpp"

#include <algorithm>

namespace nigh::tunnel {
namespace {

constexpr std::uint64_t kDatagramType = 0;
constexpr std::size_t kLongestNumber = 8;

// A variable-length integer (RFC 9000, section 16), taken off the front of `text`. nullopt: not all
// of it is there.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t size = std::size_t{1} << (first >> 6);
  if (text.size() < size) return std::nullopt;
  std::uint64_t number = first & 0x3f;
  for (char byte : text.substr(1, size - 1))
    number = number << 8 | static_cast<unsigned char>(byte);
  text.remove_prefix(size);
  return number;
}

void put_number(std::string& out, std::uint32_t number) {
  auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte & 0xff); };
  if (number < 0x40) return put(number);
  if (number < 0x4000) return put(0x40 | number >> 8), put(number);
  put(0x80 | number >> 24), put(number >> 16), put(number >> 8), put(number);
}

}  // namespace

std::string datagram_capsule(std::string_view payload) {
  expect(payload.size() <= kMaxDatagram, "a datagram is too large for UDP");
  std::string capsule;
  capsule.reserve(payload.size() + 6);
  put_number(capsule, kDatagramType);
  put_number(capsule, static_cast<std::uint32_t>(payload.size() + 1));
  put_number(capsule, 0);  // the context
  capsule += payload;
  return capsule;
}

void CapsuleDecoder::feed(std::string_view bytes) {
  auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
  skip_ -= skipped;
  buffer_.erase(0, at_);
  at_ = 0;
  buffer_ += bytes.substr(skipped);
}

Result<std::optional<std::string>> CapsuleDecoder::next() {
  for (;;) {
    auto rest = std::string_view(buffer_).substr(at_);
    auto type = take_number(rest);
    auto length = type ? take_number(rest) : std::nullopt;
    if (!length) break;
    if (type != kDatagramType) {
      skip_ = *length;
      auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, rest.size()));
      skip_ -= skipped;
      at_ = buffer_.size() - (rest.size() - skipped);
      continue;
    }
    if (*length > kMaxDatagram + kLongestNumber)
      return fail(Errc::malformed, "the peer sent a datagram that is too large for UDP");
    if (rest.size() < *length) break;
    at_ = buffer_.size() - (rest.size() - *length);
    auto value = rest.substr(0, *length);
    auto context = take_number(value);
    if (!context) return fail(Errc::malformed, "the peer sent a datagram without a context");
    if (context != 0) continue;
    if (value.size() > kMaxDatagram)
      return fail(Errc::malformed, "the peer sent a datagram that is too large for UDP");
    return std::string(value);
  }
  if (at_ == buffer_.size()) buffer_ = std::string(), at_ = 0;  // a burst's memory is not kept
  return std::nullopt;
}

}  // namespace nigh::tunnel
