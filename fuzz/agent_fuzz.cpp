// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "ssh/agent.hpp"

using namespace nigh::ssh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view reply(reinterpret_cast<const char*>(data), size);
  (void)agent_frame_length(reply.substr(0, kAgentHeader));
  (void)parse_sign_reply(reply);
  if (auto keys = parse_identities(reply))
    for (const auto& key : *keys) (void)sign_request(key.key, "data");
  return 0;
}
