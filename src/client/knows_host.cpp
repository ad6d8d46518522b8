// SPDX-License-Identifier: Apache-2.0
// nigh::async::knows_host().
#include <nigh/async.hpp>

#include "base/text.hpp"
#include "client/files.hpp"
#include "client/resolve.hpp"
#include "client/surroundings.hpp"
#include "client/target.hpp"
#include "ssh/known_hosts.hpp"

namespace nigh::async {
namespace {

// A key that no file has: what is listed for a name then differs from it, whatever it is.
bool is_listed(const std::string& text, const std::string& file, const std::string& name) {
  ssh::PublicKey none;
  auto verdict = ssh::look_up(text, file, std::vector{name}, none);
  return !verdict || verdict->state != ssh::HostKeyState::unknown;
}

bool has_key(const client::Endpoint& endpoint) {
  for (const auto& file : endpoint.known_hosts_files) {
    auto text = client::read_file(file, ssh::kMaxKnownHosts);
    if (!text || !*text) continue;
    for (const auto& name : endpoint.known_hosts_names)
      if (is_listed(**text, file, name)) return true;
  }
  return false;
}

}  // namespace

awaitable<bool> knows_host(std::string target, ConnectOptions options) {
  auto endpoint = co_await client::resolve(target, std::move(options), client::surroundings());
  bool renamed = lower(endpoint.host) != lower(unwrap(client::parse_target(target)).host);
  co_return renamed || has_key(endpoint);
}

}  // namespace nigh::async
