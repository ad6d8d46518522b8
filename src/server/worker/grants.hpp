// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/link/messages.hpp"
#include "server/worker/account.hpp"
#include "server/worker/session_store.hpp"
#include "server/worker/tokens.hpp"
#include "ssh/key_options.hpp"

namespace nigh::server {

// A resume token stands for one attachment of one session, and for nothing else.
struct ResumeGrant {
  std::string session;
  std::uint64_t attachment = 0;
};

// What the holder of a grant may do.
struct Grant {
  ssh::KeyOptions options;
  std::string key;  // blob
  std::string fingerprint;
  std::string source;
  std::string token_id;  // empty: logged in with the key itself
  std::int64_t expires = INT64_MAX;
  std::optional<ResumeGrant> only;
};

// Answers the keeper's questions from authorized_keys and the tokens, all read under this
// account's rights at every question, and remembers what it granted.
class Grants {
 public:
  Grants(Account account, std::string authorized_keys, const TokenStore& tokens,
         const SessionStore& sessions)
      : account_(std::move(account)),
        authorized_keys_(std::move(authorized_keys)),
        tokens_(tokens),
        sessions_(sessions) {}

  LookedUp look_up(const LookUpKey& question, std::int64_t unix_now);
  LookedUp look_up(const LookUpToken& question, std::int64_t unix_now);

  // nullptr: unknown or expired.
  const Grant* find(const GrantId& id, std::int64_t unix_now) const;
  void release(const GrantId& id) { grants_.erase(id); }
  void release_token(std::string_view token_id);

 private:
  Result<Grant> grant_by_token(const LookUpToken& question, std::int64_t unix_now) const;
  LookedUp decide(LookedUp answer, Grant grant, std::int64_t unix_now);

  Account account_;
  std::string authorized_keys_;
  const TokenStore& tokens_;
  const SessionStore& sessions_;
  std::unordered_map<GrantId, Grant> grants_;
};

}  // namespace nigh::server
