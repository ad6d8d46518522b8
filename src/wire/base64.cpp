// SPDX-License-Identifier: Apache-2.0
#include "wire/base64.hpp"

#include <array>
#include <cstdint>

namespace nigh::wire {
namespace {

constexpr std::string_view kPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (char c : bytes) {
    bits = (bits << 8) | static_cast<std::uint8_t>(c);
    for (held += 8; held >= 6; held -= 6) out.push_back(alphabet[(bits >> (held - 6)) & 63]);
  }
  if (held > 0) out.push_back(alphabet[(bits << (6 - held)) & 63]);
  return out;
}

Result<std::string> decode(std::string_view text, std::string_view alphabet) {
  std::array<std::int8_t, 256> value;
  value.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    value[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);

  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (char c : text) {
    auto v = value[static_cast<std::uint8_t>(c)];
    if (v < 0) return fail(Errc::malformed, "not base64: a character outside the alphabet");
    bits = (bits << 6) | static_cast<std::uint32_t>(v);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<char>(bits >> held));
    }
  }
  if (held == 6) return fail(Errc::malformed, "not base64: one character too many");
  if ((bits & ((1u << held) - 1)) != 0)
    return fail(Errc::malformed, "not base64: stray bits at the end");
  return out;
}

}  // namespace

std::string base64_unpadded(std::string_view bytes) { return encode(bytes, kPlain); }
std::string base64url(std::string_view bytes) { return encode(bytes, kUrl); }
std::string base64(std::string_view bytes) {
  auto out = encode(bytes, kPlain);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

Result<std::string> base64_decode(std::string_view text) {
  auto unpadded = text.substr(0, text.find('='));
  auto padding = text.substr(unpadded.size());
  if (!padding.empty() && (text.size() % 4 != 0 || padding.size() > 2 ||
                           padding.find_first_not_of('=') != padding.npos))
    return fail(Errc::malformed, "not base64: wrong padding");
  return decode(unpadded, kPlain);
}
Result<std::string> base64url_decode(std::string_view text) { return decode(text, kUrl); }

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (char c : bytes) {
    auto b = static_cast<std::uint8_t>(c);
    out.push_back(digits[b >> 4]);
    out.push_back(digits[b & 15]);
  }
  return out;
}

}  // namespace nigh::wire
