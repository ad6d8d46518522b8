// SPDX-License-Identifier: Apache-2.0
#include "ssh/armor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "wire/base64.hpp"

namespace nigh::ssh {
namespace {

constexpr std::size_t kLineLength = 70;
constexpr std::string_view kSpace = " \t\r\n";

std::string begin_line(std::string_view label) { return fmt::format("-----BEGIN {}-----", label); }
std::string end_line(std::string_view label) { return fmt::format("-----END {}-----", label); }

std::string_view trim_lines(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

}  // namespace

Secret armor(std::string_view label, std::string_view bytes) {
  Secret encoded(wire::base64_unpadded(bytes));  // padding could move the string and leave a copy
  auto padding = (4 - encoded.expose().size() % 4) % 4;
  std::string out;
  out.reserve(2 * encoded.expose().size() + 2 * label.size() + 64);
  out += begin_line(label);
  for (std::size_t i = 0; i < encoded.expose().size() + padding; ++i) {
    if (i % kLineLength == 0) out += '\n';
    out += i < encoded.expose().size() ? encoded.expose()[i] : '=';
  }
  out += '\n' + end_line(label) + '\n';
  return Secret(std::move(out));
}

bool has_armor(std::string_view label, std::string_view text) {
  return trim_lines(text).starts_with(begin_line(label));
}

Result<Secret> dearmor(std::string_view label, std::string_view text) {
  auto begin = begin_line(label);
  auto end = end_line(label);
  text = trim_lines(text);
  if (!text.starts_with(begin))
    return fail(Errc::malformed, fmt::format("there is no {} line", begin));
  text.remove_prefix(begin.size());
  if (!text.ends_with(end)) return fail(Errc::malformed, fmt::format("there is no {} line", end));
  text.remove_suffix(end.size());

  std::string joined;
  joined.reserve(text.size());
  std::ranges::copy_if(text, std::back_inserter(joined),
                       [](char c) { return kSpace.find(c) == kSpace.npos; });
  Secret encoded(std::move(joined));
  auto bytes = wire::base64_decode(encoded.expose());
  if (!bytes) return std::unexpected(bytes.error());
  return Secret(*std::move(bytes));
}

}  // namespace nigh::ssh
