// SPDX-License-Identifier: Apache-2.0
// From what a person typed to everything that is needed to connect: nigh's configuration first,
// then ssh_config's answer, then defaults.
#pragma once

#include <nigh/types.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "client/config.hpp"
#include "client/surroundings.hpp"
#include "client/target.hpp"
#include "io/asio.hpp"
#include "ssh/ssh_config.hpp"

namespace nigh::client {

// Where keys may come from, in the order in which they are offered.
struct IdentitySources {
  std::vector<std::string> files;          // named by the caller or a configuration
  std::vector<std::string> certificates;   // CertificateFile; FILE-cert.pub is found besides
  std::string agent_socket;                // empty: no agent
  bool offer_agent_keys = true;            // else the agent only signs for `files`
  std::vector<std::string> default_files;  // ~/.ssh/id_*: passed over in silence where absent
};

enum class UnknownHostPolicy {
  ask,     // ConnectOptions::confirm_host_key
  accept,  // remember the key
  refuse,
};

struct Endpoint {
  std::string alias;  // as typed
  std::string host;   // what is looked up in the name service
  std::uint16_t port = kDefaultPort;
  std::string user;
  std::vector<std::string> known_hosts_names;  // most specific first; the first is written
  std::vector<std::string> known_hosts_files;  // the user's, then the system's
  std::string known_hosts_to_append;           // empty: there is none to remember keys in
  bool hash_known_hosts = false;
  UnknownHostPolicy unknown_host = UnknownHostPolicy::ask;
  IdentitySources identities;
  std::chrono::milliseconds timeout{0};
  std::optional<char> escape;                             // nullopt: none
  std::optional<std::chrono::milliseconds> resume_limit;  // see ConnectOptions
  std::optional<std::chrono::milliseconds> keep;          // the connection, after its last use
  bool resume = true;                                     // Command::resume may be followed
  bool forward_agent = false;                             // unless somebody says otherwise
  std::string agent_to_forward;                           // its socket; empty: there is none
  // How it is reached, if not by TCP from here (client/way.hpp): not both.
  std::vector<std::string> jumps;       // hosts, as typed, nearest first
  std::shared_ptr<const Endpoint> via;  // the last of them, which has the others in its own
  std::string proxy_command;            // a line for the user's shell

  std::string address() const { return address_text(host, port); }
};

// Pure: how the sources rank. Errc::usage for a name from ssh_config that is not one.
Result<Endpoint> combine(const Target& target, const ConnectOptions& options,
                         const HostSettings& settings, const ssh::SshHost& ssh_host,
                         const Surroundings& around);

// Reads the files (and asks `ssh -G` where ssh_config has Match blocks). Throws Failure.
awaitable<Endpoint> resolve(std::string target, ConnectOptions options, Surroundings around);

}  // namespace nigh::client
