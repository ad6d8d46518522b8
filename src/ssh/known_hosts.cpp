// SPDX-License-Identifier: Apache-2.0
#include "ssh/known_hosts.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "ssh/match_list.hpp"
#include "ssh/random.hpp"
#include "ssh/text_line.hpp"
#include "wire/base64.hpp"

namespace nigh::ssh {
namespace {

constexpr std::string_view kHashMagic = "|1|";
constexpr std::size_t kSaltSize = 20;

enum class Marker { none, cert_authority, revoked, unknown };

// A line in its parts, as views into the text.
struct Entry {
  Marker marker = Marker::none;
  std::string_view hosts, type, key;
};

std::string hmac_sha1(std::string_view key, std::string_view data) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  auto* done =
      HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes, data.size(), out, &size);
  expect(done != nullptr, "HMAC-SHA1 is not available");
  return {reinterpret_cast<char*>(out), size};
}

std::string hash_name(std::string_view name, std::string_view salt) {
  return fmt::format("{}{}|{}", kHashMagic, wire::base64(salt),
                     wire::base64(hmac_sha1(salt, name)));
}

bool hashed_name_matches(std::string_view name, std::string_view hashed) {
  auto parts = split(hashed, '|');  // "", "1", salt, hash
  if (parts.size() != 4 || !hashed.starts_with(kHashMagic)) return false;
  auto salt = wire::base64_decode(parts[2]);
  return salt && salt->size() == kSaltSize && hash_name(name, *salt) == hashed;
}

// `name` is in lower case.
bool names_host(std::string_view hosts, std::string_view name) {
  if (hosts.starts_with('|')) return hashed_name_matches(name, hosts);
  return match_pattern_list(name, lower(hosts)) == ListMatch::match;
}

Marker parse_marker(std::string_view word) {
  if (word == "@cert-authority") return Marker::cert_authority;
  return word == "@revoked" ? Marker::revoked : Marker::unknown;
}

// nullopt: not the form of an entry.
std::optional<Entry> parse_entry(std::string_view line) {
  Entry entry;
  if (line.starts_with('@')) entry.marker = parse_marker(take_word(line));
  entry.hosts = take_word(line);
  entry.type = take_word(line);
  entry.key = take_word(line);
  if (entry.key.empty() || entry.marker == Marker::unknown) return std::nullopt;
  return entry;
}

enum class KeyMatch { same, other, unreadable };

KeyMatch compare(const Entry& entry, const PublicKey& key) {
  auto blob = wire::base64_decode(entry.key);
  if (!blob || framed_key_type(*blob) != entry.type) return KeyMatch::unreadable;
  if (*blob == key.blob) return KeyMatch::same;
  auto parsed = parse_public_key(*blob);
  if (!parsed && parsed.error().code != Errc::unsupported) return KeyMatch::unreadable;
  return KeyMatch::other;
}

class LookUp {
 public:
  LookUp(std::span<const std::string> names, const PublicKey& key, const Certificate* certificate)
      : key_(key), certificate_(certificate) {
    for (const auto& name : names) names_.push_back(lower(name));
  }

  Result<void> read(const KnownHostsText& file) {
    if (file.text.size() > kMaxKnownHosts)
      return fail(Errc::too_large, fmt::format("{} is over {} MiB: the host key cannot be checked",
                                               printable(file.file_name), kMaxKnownHosts >> 20));
    int number = 0;
    for (auto rest = file.text; !rest.empty();) {
      auto line = take_line(rest);
      ++number;
      if (line.empty() || line.starts_with('#')) continue;
      if (auto ok = read_line(line, {file.file_name, number}); !ok) return ok;
    }
    return {};
  }

  HostKeyVerdict verdict() && { return std::move(verdict_); }

 private:
  struct Place {
    std::string_view file;
    int line;
  };

  Result<void> read_line(std::string_view line, Place place) {
    auto entry = parse_entry(line);
    if (!entry) {
      ++verdict_.malformed_lines;
      return {};
    }
    auto name = std::ranges::find_if(
        names_, [&](const auto& candidate) { return names_host(entry->hosts, candidate); });
    if (name == names_.end()) return {};
    switch (entry->marker) {
      case Marker::revoked:
        return judge_revoked(*entry, place);
      case Marker::cert_authority:
        judge_authority(*entry, place);
        break;
      default:
        judge_key(*entry, name == names_.begin(), place);
    }
    return {};
  }

  Result<void> judge_revoked(const Entry& entry, Place place) {
    auto match = compare(entry, key_);
    if (match == KeyMatch::unreadable)
      return fail(Errc::malformed,
                  fmt::format("{}:{} revokes a key of this host but cannot be read; repair it",
                              printable(place.file), place.line));
    bool signer = certificate_ && compare(entry, certificate_->signing_key) == KeyMatch::same;
    if (match == KeyMatch::same || signer) decide(HostKeyState::revoked, place);
    return {};
  }

  void judge_authority(const Entry& entry, Place place) {
    if (!certificate_) return;
    if (compare(entry, certificate_->signing_key) == KeyMatch::same)
      decide(HostKeyState::match, place);
  }

  void judge_key(const Entry& entry, bool under_first_name, Place place) {
    switch (compare(entry, key_)) {
      case KeyMatch::same:
        return decide(HostKeyState::match, place);
      case KeyMatch::unreadable:
        ++verdict_.malformed_lines;
        return;
      case KeyMatch::other:
        if (under_first_name) decide(HostKeyState::mismatch, place);
    }
  }

  // The states are in order of weight, and the first line of a weight is the one to name.
  void decide(HostKeyState state, Place place) {
    if (state <= verdict_.state) return;
    verdict_.state = state;
    verdict_.file = place.file;
    verdict_.line = place.line;
  }

  std::vector<std::string> names_;
  const PublicKey& key_;
  const Certificate* certificate_;
  HostKeyVerdict verdict_;
};

}  // namespace

Result<HostKeyVerdict> look_up(std::span<const KnownHostsText> files,
                               std::span<const std::string> names, const PublicKey& key,
                               const Certificate* certificate) {
  LookUp look_up(names, key, certificate);
  for (const auto& file : files)
    if (auto read = look_up.read(file); !read) return std::unexpected(read.error());
  return std::move(look_up).verdict();
}

Result<HostKeyVerdict> look_up(std::string_view text, std::string_view file_name,
                               std::span<const std::string> names, const PublicKey& key,
                               const Certificate* certificate) {
  KnownHostsText file{file_name, text};
  return look_up(std::span(&file, 1), names, key, certificate);
}

std::string known_hosts_name(std::string_view host, int port) {
  return port == 22 ? lower(host) : fmt::format("[{}]:{}", lower(host), port);
}

Result<std::string> known_hosts_line(std::string_view name, const PublicKey& key, bool hashed) {
  // What would be read back as something else: a list, a pattern, a marker, a comment.
  auto forbidden = [](char c) { return c <= ' ' || std::string_view("\x7f,*?!|@#").contains(c); };
  if (name.empty() || std::ranges::any_of(name, forbidden))
    return fail(Errc::usage, fmt::format("'{}' is no host name for known_hosts", printable(name)));
  auto host = lower(name);
  if (hashed) host = hash_name(host, random_bytes(kSaltSize));
  return fmt::format("{} {}\n", host, to_line(key));
}

}  // namespace nigh::ssh
