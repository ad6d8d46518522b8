// SPDX-License-Identifier: Apache-2.0
// RFC 1928.
#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "service/tunnel/address.hpp"
#include "service/tunnel/ip_text.hpp"
#include "service/tunnel/proxy_dialect.hpp"

namespace nigh::tunnel {
namespace {

using Step = ProxyDialect::Step;
using Now = Step::Now;

constexpr char kVersion = 5;
constexpr char kConnect = 1;
enum : char { kIpv4 = 1, kName = 3, kIpv6 = 4 };
// Section 6.
enum Reply : char {
  kSucceeded = 0,
  kGeneralFailure = 1,
  kNotAllowed = 2,
  kHostUnreachable = 4,
  kConnectionRefused = 5,
  kTtlExpired = 6,
  kCommandNotSupported = 7,
  kAddressTypeNotSupported = 8,
};

// The address that is bound is none that a client could use.
std::string reply(Reply code) {
  return {kVersion, static_cast<char>(code), 0, kIpv4, 0, 0, 0, 0, 0, 0};
}

Reply reply_for(Refusal why) {
  switch (why) {
    case Refusal::connection_refused:
      return kConnectionRefused;
    case Refusal::unreachable:
    case Refusal::name_not_found:
      return kHostUnreachable;
    case Refusal::timed_out:
      return kTtlExpired;
    case Refusal::not_permitted:
      return kNotAllowed;
    case Refusal::no_target:
    case Refusal::other:
      return kGeneralFailure;
  }
  return kGeneralFailure;
}

class Socks5 : public ProxyDialect {
 public:
  Step read(std::string& bytes) override {
    if (!greeted_) {
      auto step = read_greeting(bytes);
      if (step.now == Now::over || !greeted_) return step;
      auto request = read_request(bytes);
      request.reply.insert(0, step.reply);
      return request;
    }
    return read_request(bytes);
  }
  std::string granted() const override { return reply(kSucceeded); }
  std::string refused(Refusal why) const override { return reply(reply_for(why)); }

 private:
  // Version, number of methods, methods.
  Step read_greeting(std::string& bytes) {
    if (!bytes.empty() && bytes[0] != kVersion)
      return {.now = Now::over, .reply = "", .target = {}};
    if (bytes.size() < 2 || bytes.size() < 2 + count_at(bytes, 1)) return {};
    auto methods = std::string_view(bytes).substr(2, count_at(bytes, 1));
    bool without_authentication = methods.find('\0') != methods.npos;
    bytes.erase(0, 2 + methods.size());
    if (!without_authentication)
      return {.now = Now::over, .reply = {kVersion, '\xff'}, .target = {}};
    greeted_ = true;
    return {.now = Now::read_more, .reply = {kVersion, 0}, .target = {}};
  }

  // Version, command, reserved, type, address, port.
  static Step read_request(std::string& bytes) {
    if (!bytes.empty() && bytes[0] != kVersion) return over(kGeneralFailure);
    if (bytes.size() < 5) return {};
    auto size = address_size(bytes);
    if (!size) return over(kAddressTypeNotSupported);
    if (bytes.size() < 4 + *size + 2) return {};
    if (bytes[1] != kConnect) return over(kCommandNotSupported);
    if (bytes[2] != 0) return over(kGeneralFailure);
    auto address = std::string_view(bytes).substr(4, *size);
    HostPort target;
    target.host = bytes[3] == kIpv4   ? ipv4_text(address)
                  : bytes[3] == kIpv6 ? ipv6_text(address)
                                      : std::string(address.substr(1));
    target.port = static_cast<std::uint16_t>(count_at(bytes, 4 + *size) << 8 |
                                             count_at(bytes, 4 + *size + 1));
    bytes.erase(0, 4 + *size + 2);
    if (target.port == 0 || !is_host(target.host)) return over(kGeneralFailure);
    return {.now = Now::connect, .reply = "", .target = std::move(target)};
  }

  static std::size_t count_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
  }
  static std::optional<std::size_t> address_size(std::string_view bytes) {
    switch (bytes[3]) {
      case kIpv4:
        return 4;
      case kIpv6:
        return 16;
      case kName:
        return 1 + count_at(bytes, 4);
      default:
        return std::nullopt;
    }
  }
  static Step over(Reply code) {
    return {.now = Now::over, .reply = tunnel::reply(code), .target = {}};
  }

  bool greeted_ = false;
};

}  // namespace

std::unique_ptr<ProxyDialect> socks5() { return std::make_unique<Socks5>(); }

}  // namespace nigh::tunnel
