// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace nigh::server {

struct TokenEntry {
  std::string id;    // public
  std::string hash;  // SHA-256 of the token: the token itself is nowhere
  std::int64_t expires = 0;
  std::string key;  // blob of the key that asked for it; its rights are looked up at each use
};

// The account's bearer tokens, in a file that only it can read (0600 in a 0700 directory). Several
// servers of one account share the file: every change is made under a lock and by rename.
class TokenStore {
 public:
  static constexpr std::size_t kMaxTokens = 1000;
  explicit TokenStore(std::string directory) : directory_(std::move(directory)) {}

  struct Issued {
    std::string id;
    Secret token;
  };
  // Durable when it returns. Errc::too_large beyond kMaxTokens; expired ones do not count.
  Result<Issued> issue(const std::string& user, const std::string& key, std::int64_t expires,
                       std::int64_t unix_now);
  // The token with that hash, if it has not expired. Compared in constant time.
  Result<std::optional<TokenEntry>> find(const std::string& hash, std::int64_t unix_now) const;
  // Only tokens of `key` if that is not empty. False: there is none of that id.
  Result<bool> revoke(const std::string& id, const std::string& key, std::int64_t unix_now);

 private:
  Result<std::vector<TokenEntry>> load(std::int64_t unix_now) const;
  Result<void> store(const std::vector<TokenEntry>& entries) const;
  std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }

  std::string directory_;
};

}  // namespace nigh::server
