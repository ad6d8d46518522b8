// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace nigh::server {

// What a client offers to be let in, decoded but not believed.
struct KeyProof {
  std::string user;
  std::string key;
  std::string hash;
  std::string signature;
};
struct BearerToken {
  Secret text;
};
using Credentials = std::variant<KeyProof, BearerToken>;

// The `authorization` header field: "SSHSIG <base64>" with the account in `nigh-user`, or
// "Bearer <token>". Errc::malformed or Errc::unsupported, with a detail that the client may see.
Result<Credentials> parse_credentials(std::string_view authorization, std::string_view user);

// The `proxy-authorization` field of a CONNECT, as browsers send it: "Basic <base64>", whose
// password is a token and whose user may be anybody, or "Bearer <token>". Errors as above.
Result<Credentials> parse_proxy_credentials(std::string_view proxy_authorization);

}  // namespace nigh::server
