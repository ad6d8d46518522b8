// SPDX-License-Identifier: Apache-2.0
// Pieces, each behind a byte: its lowest bit says whose it is, the rest how long. What the agent
// gets must be what may pass, one at a time.
#include <cstdint>

#include "ssh/agent.hpp"
#include "ssh/agent_filter.hpp"

using namespace nigh::ssh;

namespace {

void check(std::string_view to_agent) {
  if (to_agent.empty()) return;
  auto length = agent_frame_length(to_agent.substr(0, kAgentHeader));
  if (!length || *length != to_agent.size() - kAgentHeader) __builtin_trap();
  auto type = static_cast<std::uint8_t>(to_agent[kAgentHeader]);
  if (type != 11 && type != 13 && type != kAgentExtension) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  if (rest.empty()) return 0;
  const bool binds = rest[0] & 1;
  rest.remove_prefix(1);
  AgentFilter filter(binds ? "binding" : "");
  (void)filter.to_agent();
  while (!rest.empty()) {
    auto head = static_cast<std::uint8_t>(rest[0]);
    auto piece = rest.substr(1, head >> 1);
    rest.remove_prefix(1 + piece.size());
    auto waited = filter.waits_for_agent();
    auto taken = head & 1 ? filter.from_agent(piece) : filter.from_program(piece);
    if (!taken) return 0;
    auto to_agent = filter.to_agent();
    if (waited && !(head & 1) && !to_agent.empty()) __builtin_trap();
    if (!to_agent.empty() && !filter.waits_for_agent()) __builtin_trap();
    check(to_agent);
    (void)filter.to_program();
  }
  return 0;
}
