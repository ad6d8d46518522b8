// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "service/tunnel/proxy_dialect.hpp"

namespace nigh::tunnel {

// The proxy's side of the beginning of one connection: what the client says until it is clear where
// it wants to go, and what it is told. Its first byte decides which dialect is spoken. Pure.
class ProxyServer {
 public:
  // Bytes of the client, while the last step said read_more.
  ProxyDialect::Step feed(std::string_view bytes);
  // What to send after Step::Now::connect.
  std::string granted() const { return dialect_->granted(); }
  std::string refused(Refusal why) const { return dialect_->refused(why); }
  // What the client sent behind its request, for the target.
  std::string take_rest() { return std::move(bytes_); }

 private:
  std::string bytes_;
  std::unique_ptr<ProxyDialect> dialect_;
};

}  // namespace nigh::tunnel
