// SPDX-License-Identifier: Apache-2.0
#include "ssh/match_list.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "base/text.hpp"

namespace nigh::ssh {
namespace {

struct Address {
  std::string bytes;  // 4 or 16, network order
};

bool is_mapped_ipv4(std::string_view bytes) {
  using namespace std::string_view_literals;
  return bytes.starts_with("\0\0\0\0\0\0\0\0\0\0\xff\xff"sv);
}

std::optional<Address> parse_address(std::string_view text) {
  std::string numbers(text.substr(0, text.find('%')));
  if (numbers.contains('\0')) return std::nullopt;
  std::string bytes(16, '\0');
  if (inet_pton(AF_INET, numbers.c_str(), bytes.data()) == 1) return Address(bytes.substr(0, 4));
  if (inet_pton(AF_INET6, numbers.c_str(), bytes.data()) == 1) return Address(bytes);
  return std::nullopt;
}

Address unmap(Address address) {
  if (address.bytes.size() == 16 && is_mapped_ipv4(address.bytes)) address.bytes.erase(0, 12);
  return address;
}

std::string to_text(const Address& address) {
  char text[INET6_ADDRSTRLEN];
  auto family = address.bytes.size() == 4 ? AF_INET : AF_INET6;
  expect(inet_ntop(family, address.bytes.data(), text, sizeof text) != nullptr, "inet_ntop");
  return text;
}

struct Prefix {
  Address address;
  std::size_t bits;
};

std::uint8_t kept_bits(std::size_t bits, std::size_t byte) {
  auto n = std::clamp<std::ptrdiff_t>(
      static_cast<std::ptrdiff_t>(bits) - 8 * static_cast<std::ptrdiff_t>(byte), 0, 8);
  return static_cast<std::uint8_t>(0xFF00 >> n);
}

bool contains(const Prefix& prefix, const Address& address) {
  if (prefix.address.bytes.size() != address.bytes.size()) return false;
  for (std::size_t i = 0; i < address.bytes.size(); ++i)
    if (((prefix.address.bytes[i] ^ address.bytes[i]) & kept_bits(prefix.bits, i)) != 0)
      return false;
  return true;
}

// An address set beyond its prefix ("10.1.2.3/8") is a typing error whose meaning nobody knows.
bool is_consistent(const Prefix& prefix) {
  for (std::size_t i = 0; i < prefix.address.bytes.size(); ++i)
    if ((prefix.address.bytes[i] & ~kept_bits(prefix.bits, i) & 0xFF) != 0) return false;
  return true;
}

// nullopt: not an address at all, so perhaps a pattern.
Result<std::optional<Prefix>> parse_prefix(std::string_view text) {
  auto slash = text.find('/');
  auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  Prefix prefix{*address, address->bytes.size() * 8};
  if (slash != text.npos) {
    auto digits = text.substr(slash + 1);
    auto most = prefix.bits;
    auto [end, error] = std::from_chars(digits.begin(), digits.end(), prefix.bits);
    if (error != std::errc() || end != digits.end() || prefix.bits > most)
      return fail(Errc::malformed,
                  fmt::format("'{}' has a wrong prefix length", nigh::printable(text)));
    if (!is_consistent(prefix))
      return fail(Errc::malformed,
                  fmt::format("'{}' has bits set beyond its prefix length", nigh::printable(text)));
  }
  return prefix;
}

Result<Address> parse_source(std::string_view text) {
  auto address = parse_address(text);
  if (!address)
    return fail(Errc::malformed, fmt::format("'{}' is no address", nigh::printable(text)));
  return unmap(*address);
}

// Does one element, its `!` removed, match?
Result<bool> match_element(const Address& source, const std::string& source_text,
                           std::string_view element) {
  if (element.empty()) return fail(Errc::malformed, "an address list has an empty element");
  auto prefix = parse_prefix(element);
  if (!prefix) return std::unexpected(prefix.error());
  if (*prefix) return contains(**prefix, source);
  return match_pattern(source_text, element);
}

bool take_negation(std::string_view& element) {
  if (!element.starts_with('!')) return false;
  element.remove_prefix(1);
  return true;
}

}  // namespace

bool match_pattern(std::string_view text, std::string_view pattern) {
  std::size_t t = 0, p = 0;
  // Where to go on if what follows the last `*` does not fit: the star takes one more character.
  // Only the last star matters, so the time is bounded by the product of the lengths.
  auto star = pattern.npos, star_text = text.npos;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

ListMatch match_pattern_list(std::string_view text, std::string_view list) {
  auto result = ListMatch::none;
  for (auto pattern : split(list, ',')) {
    bool negated = take_negation(pattern);
    if (!match_pattern(text, pattern)) continue;
    if (negated) return ListMatch::negated;
    result = ListMatch::match;
  }
  return result;
}

Result<ListMatch> match_address_list(std::string_view address, std::string_view list) {
  auto source = parse_source(address);
  if (!source) return std::unexpected(source.error());
  auto source_text = to_text(*source);
  auto result = ListMatch::none;
  // To the end even after a `!` matched: a damaged list refuses wherever the damage is.
  for (auto element : split(list, ',')) {
    bool negated = take_negation(element);
    auto matches = match_element(*source, source_text, element);
    if (!matches) return std::unexpected(matches.error());
    if (*matches && result != ListMatch::negated)
      result = negated ? ListMatch::negated : ListMatch::match;
  }
  return result;
}

Result<bool> match_cidr_list(std::string_view address, std::string_view list) {
  auto source = parse_source(address);
  if (!source) return std::unexpected(source.error());
  bool matches = false;
  for (auto element : split(list, ',')) {
    auto prefix = parse_prefix(element);
    if (!prefix) return std::unexpected(prefix.error());
    if (!*prefix)
      return fail(Errc::malformed,
                  fmt::format("'{}' is no address or prefix", nigh::printable(element)));
    matches = matches || contains(**prefix, *source);
  }
  return matches;
}

}  // namespace nigh::ssh
