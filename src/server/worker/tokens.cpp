// SPDX-License-Identifier: Apache-2.0
#include "server/worker/tokens.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>

#include "base/private_file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kIdBytes = 6;
constexpr std::size_t kMaxFile = 64u << 20;

// One token a line: id, hash, expiry, key; the binary ones in base64.
std::string to_line(const TokenEntry& entry) {
  return fmt::format("{} {} {} {}\n", entry.id, wire::base64(entry.hash), entry.expires,
                     wire::base64(entry.key));
}

std::optional<TokenEntry> from_line(std::string_view line) {
  auto parts = split(line, ' ');
  if (parts.size() != 4) return std::nullopt;
  auto hash = wire::base64_decode(parts[1]);
  auto key = wire::base64_decode(parts[3]);
  TokenEntry entry{std::string(parts[0]), {}, 0, {}};
  auto [end, error] =
      std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), entry.expires);
  if (!hash || !key || error != std::errc() || end != parts[2].data() + parts[2].size())
    return std::nullopt;
  entry.hash = *std::move(hash);
  entry.key = *std::move(key);
  return entry;
}

// Held until closed.
Result<UniqueFd> lock(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX) != 0)
    return fail_errno("cannot lock " + path, errno);
  return fd;
}

}  // namespace

Result<std::vector<TokenEntry>> TokenStore::load(std::int64_t unix_now) const {
  auto text = read_private_file(path("tokens"), kMaxFile);
  if (!text && text.error().code == Errc::not_found) return std::vector<TokenEntry>();
  if (!text) return std::unexpected(text.error());
  std::vector<TokenEntry> entries;
  for (auto line : split(text->expose(), '\n'))
    if (auto entry = from_line(line); entry && entry->expires > unix_now)
      entries.push_back(*std::move(entry));
  return entries;
}

Result<void> TokenStore::store(const std::vector<TokenEntry>& entries) const {
  std::string text;
  for (const auto& entry : entries) text += to_line(entry);
  ::unlink(path("tokens.new").c_str());  // left by a server that was killed in between
  if (auto written = write_new_private_file(path("tokens.new"), text); !written) return written;
  if (std::rename(path("tokens.new").c_str(), path("tokens").c_str()) != 0)
    return fail_errno("cannot replace " + path("tokens"), errno);
  return {};
}

Result<TokenStore::Issued> TokenStore::issue(const std::string& user, const std::string& key,
                                             std::int64_t expires, std::int64_t unix_now) {
  if (auto made = make_private_directory(directory_); !made) return std::unexpected(made.error());
  auto held = lock(path("tokens.lock"));
  if (!held) return std::unexpected(held.error());
  auto entries = load(unix_now);
  if (!entries) return std::unexpected(entries.error());
  if (entries->size() >= kMaxTokens)
    return fail(Errc::too_large,
                "there are too many tokens; revoke some or wait until they expire");
  Issued issued{wire::hex(ssh::random_bytes(kIdBytes)),
                Secret(user + "." + wire::base64url(ssh::random_bytes(kSecretBytes)))};
  entries->push_back({issued.id, ssh::sha256(issued.token.expose()), expires, key});
  if (auto stored = store(*entries); !stored) return std::unexpected(stored.error());
  return issued;
}

Result<std::optional<TokenEntry>> TokenStore::find(const std::string& hash,
                                                   std::int64_t unix_now) const {
  auto entries = load(unix_now);
  if (!entries) return std::unexpected(entries.error());
  std::optional<TokenEntry> found;
  for (auto& entry : *entries)
    if (ssh::equal_constant_time(entry.hash, hash)) found = std::move(entry);
  return found;
}

Result<bool> TokenStore::revoke(const std::string& id, const std::string& key,
                                std::int64_t unix_now) {
  struct stat status{};
  if (::stat(directory_.c_str(), &status) != 0) return false;
  auto held = lock(path("tokens.lock"));
  if (!held) return std::unexpected(held.error());
  auto entries = load(unix_now);
  if (!entries) return std::unexpected(entries.error());
  auto gone = std::erase_if(*entries, [&](const TokenEntry& entry) {
    return entry.id == id && (key.empty() || entry.key == key);
  });
  if (gone == 0) return false;
  if (auto stored = store(*entries); !stored) return std::unexpected(stored.error());
  return true;
}

}  // namespace nigh::server
