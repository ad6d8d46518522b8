// SPDX-License-Identifier: Apache-2.0
#include "cli/agent_forward.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/console.hpp"

namespace nigh::cli {
namespace {

constexpr auto kVariable = "SSH_AUTH_SOCK";

ForwardEvents events_for(const std::string& name) {
  ForwardEvents events;
  events.on_failed = [name](const ForwardedConnection&, const Error& why) {
    if (why.code == Errc::unavailable)  // other ends are the program's
      complain(fmt::format("{} asked for the ssh-agent: {}", printable(name), why.message));
  };
  return events;
}

}  // namespace

async::awaitable<async::Forwarding> forward_agent(async::Host host, std::string name,
                                                  AgentOption option, Command& command) {
  if (option.no || !(option.yes || host.forwards_agent()) ||
      command.environment.contains(kVariable))  // --env
    co_return async::Forwarding();
  Forwards forwards;
  forwards.agent = true;
  try {
    auto forwarding = co_await host.forward(std::move(forwards), events_for(name));
    command.environment[kVariable] = forwarding.listening().at(0).address;
    co_return forwarding;
  } catch (const Failure& failure) {
    if (failure.code() == Errc::cancelled) throw;
    if (option.yes)
      complain(fmt::format("no ssh-agent for {}: {}", printable(name), failure.what()));
  }
  co_return async::Forwarding();
}

}  // namespace nigh::cli
