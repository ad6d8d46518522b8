// SPDX-License-Identifier: Apache-2.0
#include "wire/percent.hpp"

#include <fmt/format.h>

#include <iterator>

#include "base/text.hpp"

namespace nigh::wire {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

}  // namespace

Result<std::string> percent_decode(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      bytes += text[at];
      continue;
    }
    auto high = at + 1 < text.size() ? hex_digit(text[at + 1]) : -1;
    auto low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
    if (high < 0 || low < 0)
      return fail(Errc::malformed,
                  fmt::format("request: \"{}\" has a '%' without two hex digits after it; "
                              "a '%' itself is %25",
                              printable(text)));
    bytes += static_cast<char>(high << 4 | low);
    at += 2;
  }
  return bytes;
}

std::string percent_encode(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    if (is_unreserved(c))
      text += c;
    else
      fmt::format_to(std::back_inserter(text), "%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

}  // namespace nigh::wire
