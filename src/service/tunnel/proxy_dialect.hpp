// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "service/tunnel/target.hpp"

namespace nigh::tunnel {

// Why there is no tunnel to a target.
enum class Refusal {
  connection_refused,
  unreachable,
  name_not_found,
  timed_out,
  not_permitted,
  no_target,  // what was asked for makes no sense
  other,
};

// One of the ways in which a program asks a proxy for a connection. Bytes in, bytes out.
class ProxyDialect {
 public:
  struct Step {
    enum class Now {
      read_more,
      connect,  // to `target`; then granted() or refused()
      over,     // `reply` is the last word
    } now = Now::read_more;
    std::string reply;  // to send, perhaps empty
    HostPort target;
  };
  virtual ~ProxyDialect() = default;
  // Takes what it understands off the front of `bytes`. Not again after anything but read_more.
  virtual Step read(std::string& bytes) = 0;
  virtual std::string granted() const = 0;
  virtual std::string refused(Refusal why) const = 0;
};

// SOCKS 5 (RFC 1928) without authentication: CONNECT, with addresses or names.
std::unique_ptr<ProxyDialect> socks5();
// SOCKS 4 and 4a: CONNECT.
std::unique_ptr<ProxyDialect> socks4();
// HTTP/1.1 CONNECT (RFC 9110, section 9.3.6).
std::unique_ptr<ProxyDialect> http_connect();

}  // namespace nigh::tunnel
