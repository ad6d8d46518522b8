// SPDX-License-Identifier: Apache-2.0
#include "ssh/key_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "ssh/expiry_time.hpp"
#include "ssh/match_list.hpp"

namespace nigh::ssh {
namespace {

std::unexpected<Error> bad(std::string_view option, std::string_view what) {
  return fail(Errc::malformed, fmt::format("option {} {}", printable(option), what));
}

// ---- options that are on or off ----------------------------------------------------------------
struct Flag {
  std::string_view name;
  bool negatable;
  void (*set)(KeyOptions& options, bool on);
};

void restrict_all(KeyOptions& o, bool) {
  o.pty = o.port_forwarding = o.agent_forwarding = o.x11_forwarding = o.user_rc = false;
  o.restricted = true;
}

constexpr std::array kFlags = {
    Flag{"pty", true, [](KeyOptions& o, bool on) { o.pty = on; }},
    Flag{"port-forwarding", true, [](KeyOptions& o, bool on) { o.port_forwarding = on; }},
    Flag{"agent-forwarding", true, [](KeyOptions& o, bool on) { o.agent_forwarding = on; }},
    Flag{"x11-forwarding", true, [](KeyOptions& o, bool on) { o.x11_forwarding = on; }},
    Flag{"user-rc", true, [](KeyOptions& o, bool on) { o.user_rc = on; }},
    Flag{"touch-required", true, [](KeyOptions& o, bool on) { o.no_touch_required = !on; }},
    Flag{"verify-required", true, [](KeyOptions& o, bool on) { o.verify_required = on; }},
    Flag{"cert-authority", false, [](KeyOptions& o, bool) { o.cert_authority = true; }},
    Flag{"restrict", false, restrict_all},
};

bool set_flag(KeyOptions& options, std::string_view name) {
  for (const auto& flag : kFlags) {
    bool negated = flag.negatable && name.starts_with("no-") && name.substr(3) == flag.name;
    if (name != flag.name && !negated) continue;
    flag.set(options, !negated);
    return true;
  }
  return false;
}

// ---- options with a value ----------------------------------------------------------------------
Result<void> set_once(std::optional<std::string>& field, std::string_view name, std::string value) {
  if (field) return bad(name, "is given twice");
  field = std::move(value);
  return {};
}

Result<void> set_expiry(KeyOptions& options, std::string value) {
  auto time = parse_expiry_time(value);
  if (!time) return std::unexpected(time.error());
  options.expiry = std::min(options.expiry.value_or(*time), *time);
  return {};
}

Result<void> add_environment(KeyOptions& options, std::string value) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  auto equals = value.find('=');
  auto name = std::string_view(value).substr(0, equals);
  if (equals == value.npos || name.empty() || name.find_first_not_of(letters) != name.npos)
    return bad("environment", "is not NAME=value");
  options.environment.push_back(std::move(value));
  return {};
}

bool is_port(std::string_view text) {
  if (text == "*") return true;
  unsigned port = 0;
  auto [end, error] = std::from_chars(text.begin(), text.end(), port);
  return error == std::errc() && end == text.end() && port >= 1 && port <= 65535;
}

// "host:port" or "[address]:port"
bool is_host_and_port(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == text.npos || colon == 0 || !is_port(text.substr(colon + 1))) return false;
  auto host = text.substr(0, colon);
  if (host.starts_with('[')) return host.size() > 2 && host.find(']') == host.size() - 1;
  return !host.contains(':');
}

Result<void> add_permit_open(KeyOptions& options, std::string value) {
  if (!is_host_and_port(value)) return bad("permitopen", "is not host:port");
  options.permit_open.push_back(std::move(value));
  return {};
}

Result<void> add_permit_listen(KeyOptions& options, std::string value) {
  if (is_port(value)) value.insert(0, "*:");
  if (!is_host_and_port(value)) return bad("permitlisten", "is not [host:]port");
  options.permit_listen.push_back(std::move(value));
  return {};
}

Result<void> set_command(KeyOptions& options, std::string value) {
  options.restricted = true;
  return set_once(options.command, "command", std::move(value));
}

Result<void> set_tunnel(KeyOptions& options, std::string value) {
  if (value != "any" && (value.empty() || value.find_first_not_of("0123456789") != value.npos))
    return bad("tunnel", "is not the number of a device");
  return set_once(options.tunnel, "tunnel", std::move(value));
}

struct Valued {
  std::string_view name;
  Result<void> (*set)(KeyOptions& options, std::string value);
};

constexpr std::array kValued = {
    Valued{"command", set_command},
    Valued{"environment", add_environment},
    Valued{"expiry-time", set_expiry},
    Valued{"from",
           [](KeyOptions& o, std::string v) { return set_once(o.from, "from", std::move(v)); }},
    Valued{"permitlisten", add_permit_listen},
    Valued{"permitopen", add_permit_open},
    Valued{"principals",
           [](KeyOptions& o, std::string v) {
             return set_once(o.principals, "principals", std::move(v));
           }},
    Valued{"tunnel", set_tunnel},
};

// ---- the text ----------------------------------------------------------------------------------
// Removes `"…"` from the front of `text`; inside, \" is a quote and any other backslash itself.
Result<std::string> take_quoted(std::string_view& text, std::string_view option) {
  if (!text.starts_with('"')) return bad(option, "needs a value in double quotes");
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"') ++i;
    value.push_back(text[i]);
  }
  return bad(option, "has no closing quote");
}

std::unexpected<Error> unknown(std::string_view name) {
  return fail(Errc::unsupported,
              fmt::format("option '{}' is not known, and may be a restriction", printable(name)));
}

Result<void> take_option(std::string_view& text, KeyOptions& options) {
  auto name = lower(text.substr(0, text.find_first_of("=,\"")));
  text.remove_prefix(name.size());
  if (!text.starts_with('=')) {
    if (set_flag(options, name)) return {};
    return unknown(name);
  }
  auto valued = std::ranges::find(kValued, name, &Valued::name);
  if (valued == kValued.end()) return unknown(name);
  text.remove_prefix(1);
  auto value = take_quoted(text, name);
  if (!value) return std::unexpected(value.error());
  return valued->set(options, *std::move(value));
}

bool both_allow(bool line, const Certificate& certificate, std::string_view extension) {
  return line && certificate.has_extension(extension);
}

}  // namespace

Result<KeyOptions> parse_key_options(std::string_view text) {
  if (text.contains('\0')) return fail(Errc::malformed, "options with a zero byte");
  KeyOptions options;
  while (!text.empty()) {
    if (auto taken = take_option(text, options); !taken) return std::unexpected(taken.error());
    if (text.empty()) break;
    if (!text.starts_with(',') || text.size() == 1)
      return fail(Errc::malformed, "options are separated by single commas");
    text.remove_prefix(1);
  }
  return options;
}

std::size_t options_length(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (!quoted && (line[i] == ' ' || line[i] == '\t')) return i;
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '"')
      ++i;
    else if (line[i] == '"')
      quoted = !quoted;
  }
  return line.size();
}

Result<KeyOptions> merge_certificate(KeyOptions line, const Certificate& certificate) {
  if (auto forced = certificate.force_command()) {
    if (line.command && *line.command != *forced)
      return fail(Errc::refused, "the certificate and the line force different commands");
    line.command = std::move(forced);
    line.restricted = true;
  }
  line.source_address = certificate.source_address();
  line.pty = both_allow(line.pty, certificate, "permit-pty");
  line.port_forwarding = both_allow(line.port_forwarding, certificate, "permit-port-forwarding");
  line.agent_forwarding = both_allow(line.agent_forwarding, certificate, "permit-agent-forwarding");
  line.x11_forwarding = both_allow(line.x11_forwarding, certificate, "permit-X11-forwarding");
  line.user_rc = both_allow(line.user_rc, certificate, "permit-user-rc");
  line.no_touch_required = both_allow(line.no_touch_required, certificate, "no-touch-required");
  line.verify_required = line.verify_required || certificate.verify_required();
  return line;
}

Result<void> check_key_options(const KeyOptions& options, std::string_view source,
                               std::int64_t unix_now) {
  if (options.expiry && (unix_now < 0 || *options.expiry < static_cast<std::uint64_t>(unix_now)))
    return fail(Errc::refused, "the line's expiry-time has passed");
  if (options.principals && !options.cert_authority)
    return fail(Errc::refused, "principals= stands without cert-authority");
  if (options.from) {
    auto match = match_address_list(source, *options.from);
    if (!match) return fail(Errc::refused, "from= cannot be used: " + match.error().message);
    if (*match != ListMatch::match)
      return fail(Errc::refused, fmt::format("from= does not allow {}", printable(source)));
  }
  if (options.source_address) {
    auto match = match_cidr_list(source, *options.source_address);
    if (!match)
      return fail(Errc::refused,
                  "the certificate's source-address cannot be used: " + match.error().message);
    if (!*match)
      return fail(Errc::refused,
                  fmt::format("the certificate does not allow {}", printable(source)));
  }
  return {};
}

}  // namespace nigh::ssh
