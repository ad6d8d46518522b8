// SPDX-License-Identifier: Apache-2.0
#include "cli/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace nigh::cli {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Up to three bytes as four letters; the missing ones count as zero.
void add_group(std::string_view bytes, std::string& out) {
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < 3; ++i)
    group = group << 8 | (i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0);
  for (std::size_t i = 0; i < 4; ++i)
    out += i <= bytes.size() ? kAlphabet[group >> (18 - 6 * i) & 63] : '=';
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size())))
    add_group(bytes.substr(0, 3), out);
  return out;
}

}  // namespace nigh::cli
