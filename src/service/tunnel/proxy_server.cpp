// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/proxy_server.hpp"

namespace nigh::tunnel {
namespace {

std::unique_ptr<ProxyDialect> dialect_of(char first) {
  if (first == 5) return socks5();
  if (first == 4) return socks4();
  return http_connect();
}

}  // namespace

ProxyDialect::Step ProxyServer::feed(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (!dialect_) dialect_ = dialect_of(bytes[0]);
  bytes_ += bytes;
  return dialect_->read(bytes_);
}

}  // namespace nigh::tunnel
