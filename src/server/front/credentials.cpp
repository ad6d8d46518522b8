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

}  // namespace

Result<Credentials> parse_credentials(std::string_view authorization, std::string_view user) {
  auto space = authorization.find(' ');
  auto scheme = lower(authorization.substr(0, space));  // RFC 9110, section 11.1: any case
  auto rest = space == authorization.npos ? std::string_view() : trim(authorization.substr(space));
  if (scheme == "sshsig") return parse_sshsig(rest, user);
  if (scheme == "bearer" && !rest.empty() && rest.size() <= kMaxToken)
    return BearerToken{Secret(std::string(rest))};
  return fail(Errc::unsupported, "log in with SSHSIG or Bearer; see docs/protocol.md");
}

}  // namespace nigh::server
