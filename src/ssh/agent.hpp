// SPDX-License-Identifier: Apache-2.0
// The messages of the ssh-agent protocol (draft-miller-ssh-agent) that a client needs. Bytes only:
// who owns the socket writes what the functions return and reads replies with frame_length().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh {

inline constexpr std::size_t kMaxAgentMessage = 256 * 1024;
inline constexpr std::size_t kAgentHeader = 4;

// The size of the reply that follows its first kAgentHeader bytes. Errc::malformed if it is empty,
// Errc::too_large over kMaxAgentMessage.
Result<std::size_t> agent_frame_length(std::string_view header);

struct AgentKey {
  PublicKey key;  // may be a certificate
  std::string comment;
};

// Requests are whole frames. Replies are passed without the header.
std::string request_identities();
// Keys of types that nigh does not take are left out. Errc::malformed; Errc::refused if the agent
// answers with a failure.
Result<std::vector<AgentKey>> parse_identities(std::string_view reply);

// Asks for the SSH signature of `data`, with rsa-sha2-512 where the key is RSA. Errc::too_large if
// the frame would exceed kMaxAgentMessage.
Result<std::string> sign_request(const PublicKey& key, std::string_view data);
// The signature blob as verify() takes it. Errc::refused: locked, not confirmed, key gone.
Result<std::string> parse_sign_reply(std::string_view reply);

}  // namespace nigh::ssh
