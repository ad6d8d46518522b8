// SPDX-License-Identifier: Apache-2.0
// What an ssh-agent is told about who uses it through us (OpenSSH's PROTOCOL.agent, session-bind):
// a host key, the identifier of a session with that host, and its signature of the identifier. Keys
// that were added for some hosts alone (`ssh-add -h`) are good there only.
//
// nigh has no such identifier. The host key signs one that is made up beside every leaf (see
// host_chain.hpp): never at anybody's request, so there is nothing to be signed for an attacker.
// It begins with words of its own and is longer than a hash, so that it is neither an SSH key
// exchange nor an sshsig nor a certificate.
#pragma once

#include <string>
#include <string_view>
#include <tuple>

#include "base/error.hpp"

namespace nigh::ssh {

class PrivateKey;

struct AgentBinding {
  std::string key;        // blob
  std::string session;    // 65 to 128 bytes: more is not taken by OpenSSH's agent
  std::string signature;  // as verify() takes it
  static constexpr auto fields =
      std::tuple(&AgentBinding::key, &AgentBinding::session, &AgentBinding::signature);
};

Result<AgentBinding> make_agent_binding(const PrivateKey& host_key);

// Errc::refused unless it is by the key with that fingerprint ("SHA256:…") and of the form that
// make_agent_binding() gives it. Errc::malformed.
Result<void> check_agent_binding(const AgentBinding& binding, std::string_view fingerprint);

// The request, a whole frame: the host of that key passes on what it asks (is_forwarding).
std::string session_bind_request(const AgentBinding& binding);

}  // namespace nigh::ssh
