// SPDX-License-Identifier: Apache-2.0
#include "cli/kept_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/duration.hpp"
#include "cli/outcome.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = std::chrono::system_clock::time_point;

std::string line(std::string_view name, std::string_view text) {
  return fmt::format("  {:<11} {}\n", name, text);
}

double in_milliseconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

// Whole seconds: what is counted down is no matter of milliseconds.
std::string rough(Time::duration time) {
  auto whole = std::chrono::duration_cast<seconds>(std::max(time, Time::duration::zero()));
  return whole.count() == 0 ? "a moment" : describe(whole);
}

std::string many(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string use_of(const KeptConnection& kept, Time now) {
  if (!kept.ends)
    return fmt::format("by {}, {}; then kept for {}", many(kept.clients, "command"),
                       many(kept.streams, "stream"), describe(kept.keep));
  return fmt::format("not now; ends in {}", rough(*kept.ends - now));
}

// JSON holds text only; what is no UTF-8 is shown as a person would see it.
std::string text(const std::string& bytes) { return is_utf8(bytes) ? bytes : printable(bytes); }

}  // namespace

std::string kept_text(const KeptConnection& kept, Time now, const Style& style) {
  const auto& server = kept.server;
  auto out = style.bold(printable(kept.address)) + '\n';
  out += line("user", fmt::format("{} (key {})", printable(server.user),
                                  printable(server.key_fingerprint)));
  out += line("address", printable(server.peer_address));
  out += line("host key", printable(server.host_fingerprint));
  out += line("TLS",
              fmt::format("1.3 {} {}", printable(server.tls_group), printable(server.tls_cipher)));
  out += line("round trip", fmt::format("{:.1f} ms", in_milliseconds(kept.round_trip)));
  out += line("server", fmt::format("nigh {}", printable(server.version)));
  out += line("made", fmt::format("{} ago", rough(now - kept.since)));
  out += line("used", use_of(kept, now));
  return out;
}

std::string kept_json(const KeptConnection& kept) {
  const auto& server = kept.server;
  Json json;
  json["address"] = text(kept.address);
  json["user"] = text(server.user);
  json["peer"] = text(server.peer_address);
  json["version"] = text(server.version);
  json["tls"] = "1.3";
  json["group"] = text(server.tls_group);
  json["cipher"] = text(server.tls_cipher);
  json["host_key"] = text(server.host_fingerprint);
  json["key"] = text(server.key_fingerprint);
  json["round_trip_ms"] = in_milliseconds(kept.round_trip);
  json["since"] = rfc3339(kept.since);
  json["clients"] = kept.clients;
  json["streams"] = kept.streams;
  json["keep_seconds"] = static_cast<double>(kept.keep.count()) / 1000;
  json["ends"] = kept.ends ? Json(rfc3339(*kept.ends)) : Json();
  json["process"] = kept.process;
  return json.dump();
}

}  // namespace nigh::cli
