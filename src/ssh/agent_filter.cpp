// SPDX-License-Identifier: Apache-2.0
#include "ssh/agent_filter.hpp"

#include <utility>

#include "ssh/agent.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

enum Message : std::uint8_t {
  kFailure = 5,
  kRequestIdentities = 11,
  kSignRequest = 13,
};

// A request and what may have been read behind it.
constexpr std::size_t kMostWaiting = 2 * (kAgentHeader + kMaxAgentMessage);

struct Frame {
  std::string_view body;
  std::size_t size = 0;  // with its header; 0: it is not all there
};

Result<Frame> first_frame(std::string_view bytes) {
  if (bytes.size() < kAgentHeader) return Frame{};
  auto length = agent_frame_length(bytes.substr(0, kAgentHeader));
  if (!length) return std::unexpected(length.error());
  if (bytes.size() - kAgentHeader < *length) return Frame{};
  return Frame{bytes.substr(kAgentHeader, *length), kAgentHeader + *length};
}

std::string failure() { return wire::Writer().u32(1).u8(kFailure).str(); }

}  // namespace

AgentFilter::AgentFilter(std::string binding) : to_agent_(std::move(binding)) {
  if (!to_agent_.empty()) waits_for_ = WaitsFor::binding;
}

Result<void> AgentFilter::from_program(std::string_view bytes) {
  if (bytes.size() > kMostWaiting - program_.size())
    return fail(Errc::too_large, "a program sends the ssh-agent more than it waits for");
  program_ += bytes;
  return go_on();
}

Result<void> AgentFilter::from_agent(std::string_view bytes) {
  if (!waits_for_agent())
    return bytes.empty() ? Result<void>()
                         : fail(Errc::malformed, "the ssh-agent speaks without being asked");
  agent_ += bytes;
  auto frame = first_frame(agent_);
  if (!frame) return std::unexpected(frame.error());
  if (frame->size == 0) return {};
  if (frame->size != agent_.size())
    return fail(Errc::malformed, "the ssh-agent says more than it was asked");
  if (waits_for_ == WaitsFor::binding)
    bound_ = frame->body == std::string_view("\x06", 1);
  else
    to_program_ += agent_;
  agent_ = std::string();  // a long answer's memory is not kept
  waits_for_ = WaitsFor::nothing;
  return go_on();
}

// Looks at what the program asks, up to the first request that is the agent's.
Result<void> AgentFilter::go_on() {
  std::size_t done = 0;
  while (!waits_for_agent()) {
    auto frame = first_frame(std::string_view(program_).substr(done));
    if (!frame) return std::unexpected(frame.error());
    if (frame->size == 0) break;
    if (may(frame->body)) {
      to_agent_.append(program_, done, frame->size);
      waits_for_ = WaitsFor::answer;
    } else {
      to_program_ += failure();
    }
    done += frame->size;
  }
  program_.erase(0, done);
  return {};
}

bool AgentFilter::may(std::string_view request) const {
  wire::Reader in(request);
  switch (in.u8()) {
    case kRequestIdentities:
      return in.at_end();
    case kSignRequest:
      in.string();  // key
      in.string();  // data
      in.u32();     // flags
      return in.ok() && in.at_end();
    case kAgentExtension:
      return may_extend(in.rest());
    default:
      return false;
  }
}

bool AgentFilter::may_extend(std::string_view rest) const {
  wire::Reader in(rest);
  auto name = in.string();
  if (name == "query") return in.at_end();
  if (name != kSessionBind || !bound_) return false;
  for (int i = 0; i < 3; ++i) in.string();  // key, session, signature
  in.u8();                                  // whether it is forwarded once more
  return in.ok() && in.at_end();
}

}  // namespace nigh::ssh
