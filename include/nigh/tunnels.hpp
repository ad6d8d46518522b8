// SPDX-License-Identifier: Apache-2.0
// Values about tunnels: connections that lead through a host to somewhere else.
#pragma once

#include <nigh/error.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace nigh {

// What `nigh forward` takes, one text each:
//   [bind:]port:host:port    8000-8010:host:8000-8010    [bind:]port:/socket
//   /socket:host:port        /socket:/socket             udp:[bind:]port:host:port (local only)
// Port 0 is one that is free. Without a bind address it is the loopback; * is all addresses.
struct Forwards {
  std::vector<std::string> local;    // we listen, the host connects
  std::vector<std::string> remote;   // the host listens, we connect
  std::vector<std::string> dynamic;  // [bind:]port or /socket: a proxy (SOCKS, HTTP CONNECT) here
  // Our ssh-agent, for programs on the host whose SSH_AUTH_SOCK is the address that it gets there.
  // They can list its keys and sign with them, and do nothing else.
  bool agent = false;

  bool empty() const { return local.empty() && remote.empty() && dynamic.empty() && !agent; }
};

// Throws Errc::usage with the reason if one of them makes no sense.
void check(const Forwards& forwards);

enum class ForwardKind { local, remote, dynamic, agent };

// Somewhere that connections are taken.
struct Listening {
  ForwardKind kind = ForwardKind::local;
  bool udp = false;
  std::string address;  // "127.0.0.1:8080", "/tmp/db.sock"; of a remote one on the host
  std::string target;   // "db:5432"; of a dynamic one ""; of an agent its socket here
};

// A connection that came there, and its tunnel.
struct ForwardedConnection {
  std::uint64_t number = 0;  // counted from 1
  Listening by;
  std::string peer;            // who came: "127.0.0.1:55012"; "" at a unix socket
  std::string target;          // also of a dynamic one, as far as it is known
  std::uint64_t sent = 0;      // bytes, from who came to the target
  std::uint64_t received = 0;  // and back
};

// Called on the loop that the forwarding runs on.
struct ForwardEvents {
  std::function<void(const ForwardedConnection&)> on_opened;
  std::function<void(const ForwardedConnection&)> on_closed;  // both ends closed it
  // It did not come about, or it was reset.
  std::function<void(const ForwardedConnection&, const Error& why)> on_failed;
  // The connection to the host. Who comes meanwhile waits; what was open is reset.
  std::function<void(std::string why)> on_lost;
  std::function<void()> on_resumed;
};

}  // namespace nigh
