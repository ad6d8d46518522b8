// SPDX-License-Identifier: Apache-2.0
#include "server/front/credentials.hpp"

#include "base/text.hpp"
#include "ssh/sshsig.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

constexpr std::string_view kNamespace = "nigh-auth-v1";
constexpr std::size_t kMaxUser = 256;
constexpr std::size_t kMaxToken = 512;

Result<Credentials> parse_sshsig(std::string_view base64, std::string_view user) {
  if (user.empty() || user.size() > kMaxUser)
    return fail(Errc::malformed, "SSHSIG needs the account in the nigh-user field");
  auto blob = wire::base64_decode(base64);
  if (!blob) return std::unexpected(blob.error());
  auto sshsig = ssh::parse_sshsig(*blob);
  if (!sshsig) return std::unexpected(sshsig.error());
  if (sshsig->name_space != kNamespace)
    return fail(Errc::malformed, "the signature was made for another purpose");
  return KeyProof{std::string(user), std::move(sshsig->key.blob), std::move(sshsig->hash_algorithm),
                  std::move(sshsig->signature)};
}

struct Authorization {
  std::string scheme;  // in lower case
  std::string_view rest;
};

Authorization split(std::string_view authorization) {
  auto space = authorization.find(' ');
  return {lower(authorization.substr(0, space)),  // RFC 9110, section 11.1: any case
          space == authorization.npos ? std::string_view() : trim(authorization.substr(space))};
}

bool may_be_token(std::string_view text) { return !text.empty() && text.size() <= kMaxToken; }

Result<Credentials> parse_basic(std::string_view base64) {
  auto decoded = wire::base64_decode(base64);
  if (!decoded) return std::unexpected(decoded.error());
  const Secret pair(*std::move(decoded));
  auto colon = pair.expose().find(':');
  if (colon == std::string_view::npos || !may_be_token(pair.expose().substr(colon + 1)))
    return fail(Errc::malformed, "the password must be a token");
  return BearerToken{Secret(std::string(pair.expose().substr(colon + 1)))};
}

}  // namespace

Result<Credentials> parse_credentials(std::string_view authorization, std::string_view user) {
  auto [scheme, rest] = split(authorization);
  if (scheme == "sshsig") return parse_sshsig(rest, user);
  if (scheme == "bearer" && may_be_token(rest)) return BearerToken{Secret(std::string(rest))};
  return fail(Errc::unsupported, "log in with SSHSIG or Bearer; see docs/protocol.md");
}

Result<Credentials> parse_proxy_credentials(std::string_view proxy_authorization) {
  auto [scheme, rest] = split(proxy_authorization);
  if (scheme == "basic") return parse_basic(rest);
  if (scheme == "bearer" && may_be_token(rest)) return BearerToken{Secret(std::string(rest))};
  return fail(Errc::unsupported, "log in with Basic, a token as the password, or Bearer");
}

}  // namespace nigh::server
