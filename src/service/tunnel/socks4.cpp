// SPDX-License-Identifier: Apache-2.0
// SOCKS 4, and its extension 4a: an address 0.0.0.x with x not 0 says that a name follows.
#include <optional>
#include <string_view>

#include "service/tunnel/address.hpp"
#include "service/tunnel/ip_text.hpp"
#include "service/tunnel/proxy_dialect.hpp"

namespace nigh::tunnel {
namespace {

using Step = ProxyDialect::Step;
using Now = Step::Now;

constexpr char kConnect = 1;
constexpr std::size_t kHead = 8;  // version, command, port, address
constexpr std::size_t kMaxText = 255;
constexpr char kGranted = 90;
constexpr char kRejected = 91;

std::string reply(char code) { return {0, code, 0, 0, 0, 0, 0, 0}; }

class Socks4 : public ProxyDialect {
 public:
  Step read(std::string& bytes) override {
    if (bytes.size() < kHead) return {};
    if (bytes[1] != kConnect) return over();
    std::size_t end = kHead;
    auto user = text_at(bytes, end);
    if (!user) return bytes.size() - kHead > kMaxText ? over() : Step();
    auto address = std::string_view(bytes).substr(4, 4);
    HostPort target;
    bool named = address.starts_with(std::string_view("\0\0\0", 3)) && address[3] != 0;
    if (named) {
      auto begin = end;
      auto name = text_at(bytes, end);
      if (!name) return bytes.size() - begin > kMaxText ? over() : Step();
      target.host = *name;
    } else {
      target.host = ipv4_text(address);
    }
    target.port = static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[2]) << 8 |
                                             static_cast<unsigned char>(bytes[3]));
    bytes.erase(0, end);
    if (target.port == 0 || !is_host(target.host)) return over();
    return {.now = Now::connect, .reply = "", .target = std::move(target)};
  }
  std::string granted() const override { return reply(kGranted); }
  std::string refused(Refusal) const override { return reply(kRejected); }

 private:
  static Step over() { return {.now = Now::over, .reply = reply(kRejected), .target = {}}; }
  // Up to a zero byte; `at` is behind it then. nullopt: it is not there (yet).
  static std::optional<std::string> text_at(const std::string& bytes, std::size_t& at) {
    auto end = bytes.find('\0', at);
    if (end == std::string::npos || end - at > kMaxText) return std::nullopt;
    auto text = bytes.substr(at, end - at);
    at = end + 1;
    return text;
  }
};

}  // namespace

std::unique_ptr<ProxyDialect> socks4() { return std::make_unique<Socks4>(); }

}  // namespace nigh::tunnel
