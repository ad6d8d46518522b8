// SPDX-License-Identifier: Apache-2.0
#include "ssh/agent.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

enum Message : std::uint8_t {
  kFailure = 5,
  kRequestIdentities = 11,
  kIdentitiesAnswer = 12,
  kSignRequest = 13,
  kSignResponse = 14,
};
constexpr std::uint32_t kFlagRsaSha512 = 4;
// 4 bytes each for an empty key and an empty comment: what a count can at most promise.
constexpr std::size_t kLeastIdentity = 8;

Result<void> expect_type(wire::Reader& in, Message wanted, std::string_view failure) {
  auto type = in.u8();
  if (!in.ok()) return fail(Errc::malformed, "the ssh-agent sent an empty reply");
  if (type == kFailure) return fail(Errc::refused, std::string(failure));
  if (type != wanted)
    return fail(Errc::malformed, fmt::format("the ssh-agent sent message {} instead of {}", type,
                                             static_cast<int>(wanted)));
  return {};
}

bool signs_with_rsa(const PublicKey& key) { return plain_key(key).type == "ssh-rsa"; }

}  // namespace

Result<std::size_t> agent_frame_length(std::string_view header) {
  wire::Reader in(header);
  std::size_t length = in.u32();
  if (auto whole = in.finish("the ssh-agent's frame header"); !whole)
    return std::unexpected(whole.error());
  if (length == 0) return fail(Errc::malformed, "the ssh-agent sent an empty reply");
  if (length > kMaxAgentMessage)
    return fail(Errc::too_large, fmt::format("the ssh-agent announced a reply of {} bytes; {} is "
                                             "the limit",
                                             length, kMaxAgentMessage));
  return length;
}

std::string request_identities() { return wire::Writer().u32(1).u8(kRequestIdentities).str(); }

Result<std::vector<AgentKey>> parse_identities(std::string_view reply) {
  wire::Reader in(reply);
  if (auto ok = expect_type(in, kIdentitiesAnswer, "the ssh-agent does not list its keys"); !ok)
    return std::unexpected(ok.error());
  auto count = in.u32();
  if (count > in.rest().size() / kLeastIdentity)
    return fail(Errc::malformed, "the ssh-agent announced more keys than it sent");
  std::vector<AgentKey> keys;
  for (; count > 0 && in.ok(); --count) {
    auto blob = in.string();
    auto comment = in.string();
    if (auto key = parse_public_key(blob); in.ok() && key)
      keys.push_back({*std::move(key), std::string(comment)});
  }
  if (auto whole = in.finish("the ssh-agent's list of keys"); !whole)
    return std::unexpected(whole.error());
  return keys;
}

Result<std::string> sign_request(const PublicKey& key, std::string_view data) {
  // Checked before anything is copied; the rest of the message is less than 64 bytes.
  if (data.size() > kMaxAgentMessage || key.blob.size() + data.size() + 64 > kMaxAgentMessage)
    return fail(Errc::too_large, "too much data for an ssh-agent to sign");
  auto body = wire::Writer()
                  .u8(kSignRequest)
                  .string(key.blob)
                  .string(data)
                  .u32(signs_with_rsa(key) ? kFlagRsaSha512 : 0)
                  .str();
  return wire::Writer().string(body).str();
}

Result<std::string> parse_sign_reply(std::string_view reply) {
  wire::Reader in(reply);
  constexpr std::string_view failure =
      "the ssh-agent did not sign: it is locked, the key is gone, or its use was not confirmed";
  if (auto ok = expect_type(in, kSignResponse, failure); !ok) return std::unexpected(ok.error());
  std::string signature(in.string());
  if (auto whole = in.finish("the ssh-agent's signature"); !whole)
    return std::unexpected(whole.error());
  return signature;
}

}  // namespace nigh::ssh
