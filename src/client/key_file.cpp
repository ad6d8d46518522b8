// SPDX-License-Identifier: Apache-2.0
#include "client/key_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "client/files.hpp"

namespace nigh::client {
namespace {

constexpr std::size_t kMaxPublicFile = 128 * 1024;

// Files beside the key are helps, not needs: what is wrong with them is passed over.
std::optional<ssh::PublicKey> read_public(const std::string& path) {
  auto text = read_file(path, kMaxPublicFile);
  if (!text || !*text) return std::nullopt;
  auto key = ssh::parse_public_key_line(**text);
  if (!key) return std::nullopt;
  return *std::move(key);
}

void add_certificate(KeyFile& file, const std::string& path) {
  auto key = read_public(path);
  if (!key || !ssh::is_certificate(*key) || !file.public_key) return;
  if (ssh::plain_key(*key) != *file.public_key) return;
  if (std::ranges::find(file.certificates, *key) == file.certificates.end())
    file.certificates.push_back(*std::move(key));
}

// The public key of a file whose private half we cannot read ourselves.
std::optional<ssh::PublicKey> public_of(std::string_view text, const std::string& path) {
  if (auto inside = ssh::public_half(text)) return *std::move(inside);
  auto beside = read_public(path + ".pub");
  if (!beside) return std::nullopt;
  return ssh::plain_key(*beside);
}

Result<KeyFile> read_private_half(KeyFile file, std::string_view text) {
  auto key = ssh::PrivateKey::parse(text);
  if (key) {
    file.public_key = key->public_key();
    file.private_key = std::make_shared<const ssh::PrivateKey>(*std::move(key));
    return file;
  }
  if (key.error().code != Errc::unsupported)
    return fail(key.error().code, fmt::format("{}: {}", printable(file.path), key.error().message));
  file.public_key = public_of(text, file.path);
  return file;
}

}  // namespace

Result<std::optional<KeyFile>> read_key_file(const std::string& path,
                                             const std::vector<std::string>& certificate_files) {
  KeyFile file{.path = path, .private_key = nullptr, .public_key = {}, .certificates = {}};
  // A public key may be named where an agent has the private one, and anybody may read it.
  if (auto key = path.ends_with(".pub") ? read_public(path) : std::nullopt) {
    file.has_private = false;
    file.public_key = ssh::plain_key(*key);
    if (ssh::is_certificate(*key)) file.certificates.push_back(*key);
    return file;
  }
  auto text = read_private_file(path, ssh::kMaxPrivateKeyFile);
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  auto read = read_private_half(std::move(file), (*text)->expose());
  if (!read) return std::unexpected(read.error());
  for (const auto& certificate : certificate_files) add_certificate(*read, certificate);
  add_certificate(*read, path + "-cert.pub");
  return *std::move(read);
}

}  // namespace nigh::client
