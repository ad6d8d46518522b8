// SPDX-License-Identifier: Apache-2.0
// What a client says to a proxy: in one piece it means the same as byte by byte.
#include <algorithm>
#include <cstdint>

#include "base/error.hpp"
#include "service/tunnel/proxy_server.hpp"

using namespace nigh;
using Step = tunnel::ProxyDialect::Step;

namespace {

Step feed(tunnel::ProxyServer& proxy, std::string_view text, std::size_t piece) {
  Step last;
  std::string said;
  while (!text.empty() && last.now == Step::Now::read_more) {
    last = proxy.feed(text.substr(0, piece));
    said += last.reply;
    text.remove_prefix(std::min(piece, text.size()));
  }
  last.reply = said;
  return last;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 20'000));
  tunnel::ProxyServer whole, bytewise;
  auto a = feed(whole, text, text.size());
  auto b = feed(bytewise, text, 1);
  expect(a.now == b.now && a.reply == b.reply && a.target == b.target, "it depends on the pieces");
  if (a.now != Step::Now::connect) return 0;
  expect(tunnel::parse_host_port(tunnel::to_text(a.target)) == a.target, "no target");
  (void)whole.refused(tunnel::Refusal::unreachable);
  return 0;
}
