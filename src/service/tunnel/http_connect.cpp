// SPDX-License-Identifier: Apache-2.0
// A request for a tunnel as RFC 9112 writes it. There is no body before or after it, so a request
// that speaks of one is refused, and so is every line that different programs read differently.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "service/tunnel/proxy_dialect.hpp"

namespace nigh::tunnel {
namespace {

using Step = ProxyDialect::Step;
using Now = Step::Now;

constexpr std::size_t kMaxHead = 16 * 1024;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::string answer(std::string_view status, std::string_view words) {
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n"
      "\r\n{}\n",
      status, words.size() + 1, words);
}

Step over(std::string_view status, std::string_view words) {
  return {.now = Now::over, .reply = answer(status, words), .target = {}};
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || kMarks.find(c) != kMarks.npos;
  });
}

bool is_value(std::string_view text) {
  return std::ranges::all_of(text,
                             [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

bool same_name(std::string_view name, std::string_view lower) {
  return std::ranges::equal(name, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// nullopt: fine.
std::optional<Step> check_field(std::string_view line) {
  auto colon = line.find(':');
  auto name = line.substr(0, colon);
  if (colon == line.npos || !is_token(name) || !is_value(line.substr(colon + 1)))
    return over("400 Bad Request", "a header field is malformed");
  for (std::string_view body : {"content-length", "transfer-encoding"})
    if (same_name(name, body)) return over("400 Bad Request", "a tunnel has no body");
  return std::nullopt;
}

class HttpConnect : public ProxyDialect {
 public:
  Step read(std::string& bytes) override {
    auto end = bytes.find(kHeadEnd);
    // As far as it is certain: the last bytes may be the beginning of the end.
    auto certain = bytes.size() - std::min(bytes.size(), kHeadEnd.size() - 1);
    if (std::min(certain, end) > kMaxHead)
      return over("431 Request Header Fields Too Large", "too long");
    if (end == std::string::npos) return {};
    auto step = read_head(std::string_view(bytes).substr(0, end));
    bytes.erase(0, end + kHeadEnd.size());
    return step;
  }
  std::string granted() const override { return "HTTP/1.1 200 Connection established\r\n\r\n"; }
  std::string refused(Refusal why) const override {
    switch (why) {
      case Refusal::connection_refused:
        return answer("502 Bad Gateway", "the target refused the connection");
      case Refusal::unreachable:
        return answer("502 Bad Gateway", "the target cannot be reached");
      case Refusal::name_not_found:
        return answer("502 Bad Gateway", "there is no host of that name");
      case Refusal::timed_out:
        return answer("504 Gateway Timeout", "the target does not answer");
      case Refusal::not_permitted:
        return answer("403 Forbidden", "the server does not permit this target");
      case Refusal::no_target:
        return answer("400 Bad Request", "that is no target");
      case Refusal::other:
        break;
    }
    return answer("502 Bad Gateway", "there is no way to the target");
  }

 private:
  static Step read_head(std::string_view head) {
    auto line = head.substr(0, head.find(kLineEnd));
    head.remove_prefix(std::min(head.size(), line.size() + kLineEnd.size()));
    auto step = read_request_line(line);
    if (step.now == Now::over) return step;
    while (!head.empty()) {
      auto field = head.substr(0, head.find(kLineEnd));
      head.remove_prefix(std::min(head.size(), field.size() + kLineEnd.size()));
      if (auto wrong = check_field(field)) return *wrong;
    }
    return step;
  }

  static Step read_request_line(std::string_view line) {
    auto first = line.find(' ');
    auto last = line.rfind(' ');
    auto method = line.substr(0, first);
    if (first == line.npos || first == last || !is_token(method))
      return over("400 Bad Request", "this is a proxy: SOCKS or HTTP CONNECT");
    auto version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
      return over("505 HTTP Version Not Supported", "HTTP/1.1");
    if (method != "CONNECT")
      return over("501 Not Implemented", "this proxy makes tunnels only: CONNECT");
    auto target = parse_host_port(line.substr(first + 1, last - first - 1));
    if (!target) return over("400 Bad Request", "the target is not HOST:PORT");
    return {.now = Now::connect, .reply = "", .target = *std::move(target)};
  }
};

}  // namespace

std::unique_ptr<ProxyDialect> http_connect() { return std::make_unique<HttpConnect>(); }

}  // namespace nigh::tunnel
