// SPDX-License-Identifier: Apache-2.0
#include "ssh/agent_binding.hpp"

#include "ssh/agent_filter.hpp"
#include "ssh/private_key.hpp"
#include "ssh/random.hpp"
#include "ssh/signature.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

constexpr std::string_view kWords = "nigh: a server through which an ssh-agent is reached\n";
constexpr std::size_t kRandom = 32;
constexpr std::size_t kLongestHash = 64;
constexpr std::size_t kMostOfAgents = 128;
static_assert(kWords.size() + kRandom > kLongestHash);
static_assert(kWords.size() + kRandom <= kMostOfAgents);

}  // namespace

Result<AgentBinding> make_agent_binding(const PrivateKey& host_key) {
  AgentBinding binding{host_key.public_key().blob, std::string(kWords) + random_bytes(kRandom), ""};
  auto signature = host_key.sign(binding.session);
  if (!signature) return std::unexpected(signature.error());
  binding.signature = *std::move(signature);
  return binding;
}

Result<void> check_agent_binding(const AgentBinding& binding, std::string_view fingerprint_wanted) {
  auto key = parse_public_key(binding.key);
  if (!key) return std::unexpected(key.error());
  if (fingerprint(*key) != fingerprint_wanted)
    return fail(Errc::refused, "the agent's binding is by another key than the host's");
  if (!binding.session.starts_with(kWords) || binding.session.size() != kWords.size() + kRandom)
    return fail(Errc::refused, "the agent's binding names a session of another kind");
  return verify(*key, binding.signature, binding.session);
}

std::string session_bind_request(const AgentBinding& binding) {
  constexpr std::uint8_t is_forwarding = 1;
  auto body = wire::Writer()
                  .u8(kAgentExtension)
                  .string(kSessionBind)
                  .string(binding.key)
                  .string(binding.session)
                  .string(binding.signature)
                  .u8(is_forwarding)
                  .str();
  return wire::Writer().string(body).str();
}

}  // namespace nigh::ssh
