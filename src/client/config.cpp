// SPDX-License-Identifier: Apache-2.0
#include "client/config.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>

#include "base/escape_key.hpp"
#include "base/text.hpp"
#include "client/target.hpp"
#include "ssh/match_list.hpp"

namespace nigh::client {
namespace {

using std::chrono::milliseconds;

// Reads one file; `line` in messages is where the offending key or table begins.
class ConfigFile {
 public:
  ConfigFile(std::string_view name, std::string_view home) : name_(name), home_(home) {}

  Result<HostSettings> for_host(const toml::table& root, std::string_view host) const;

 private:
  Result<HostSettings> settings(const toml::table& table) const;
  Result<void> set(HostSettings& out, std::string_view key, const toml::node& value) const;
  Result<std::vector<const toml::key*>> patterns_in_order(const toml::table& hosts) const;

  Result<std::string> text(std::string_view key, const toml::node& value) const;
  Result<bool> boolean(std::string_view key, const toml::node& value) const;
  Result<std::uint16_t> port(const toml::node& value) const;
  Result<milliseconds> duration(std::string_view key, const toml::node& value) const;
  Result<std::vector<std::string>> paths(std::string_view key, const toml::node& value) const;
  Result<std::string> path(std::string_view key, const toml::node& value) const;

  std::unexpected<Error> wrong(const toml::node& at, std::string_view why) const {
    return wrong(at.source(), why);
  }
  std::unexpected<Error> wrong(const toml::source_region& at, std::string_view why) const {
    return fail(Errc::usage, fmt::format("{}:{}: {}", name_, at.begin.line, why));
  }

  std::string_view name_;
  std::string_view home_;
};

template <class T>
Result<void> put(std::optional<T>& into, Result<T> value) {
  if (!value) return std::unexpected(value.error());
  into = *std::move(value);
  return {};
}

Result<std::string> ConfigFile::text(std::string_view key, const toml::node& value) const {
  if (auto string = value.value_exact<std::string>()) return *std::move(string);
  return wrong(value, fmt::format("{} must be a text in quotes", key));
}

Result<bool> ConfigFile::boolean(std::string_view key, const toml::node& value) const {
  if (auto flag = value.value_exact<bool>()) return *flag;
  return wrong(value, fmt::format("{} must be true or false", key));
}

Result<std::uint16_t> ConfigFile::port(const toml::node& value) const {
  auto number = value.value_exact<std::int64_t>();
  if (number && *number >= 1 && *number <= 65535) return static_cast<std::uint16_t>(*number);
  return wrong(value, "port must be a number from 1 to 65535");
}

Result<milliseconds> ConfigFile::duration(std::string_view key, const toml::node& value) const {
  auto written = text(key, value);
  if (!written) return std::unexpected(written.error());
  auto parsed = parse_duration(*written);
  if (!parsed) return wrong(value, parsed.error().message);
  return parsed;
}

Result<std::string> ConfigFile::path(std::string_view key, const toml::node& value) const {
  auto path = text(key, value);
  if (!path || path->starts_with('/')) return path;
  if (path->starts_with("~/")) return fmt::format("{}{}", home_, path->substr(1));
  return wrong(value, fmt::format("'{}' must begin with / or ~/", printable(*path)));
}

Result<std::vector<std::string>> ConfigFile::paths(std::string_view key,
                                                   const toml::node& value) const {
  const auto* array = value.as_array();
  if (!array) return wrong(value, fmt::format("{} must be a list of paths", key));
  std::vector<std::string> out;
  for (const auto& element : *array) {
    auto one = path(key, element);
    if (!one) return std::unexpected(one.error());
    out.push_back(*std::move(one));
  }
  return out;
}

Result<void> ConfigFile::set(HostSettings& out, std::string_view key,
                             const toml::node& value) const {
  auto checked = [&](auto check) -> Result<std::string> {
    auto name = text(key, value);
    if (!name) return name;
    if (auto ok = check(*name); !ok) return wrong(value, ok.error().message);
    return name;
  };
  if (key == "hostname") return put(out.hostname, checked(check_host_name));
  if (key == "user") return put(out.user, checked(check_user_name));
  if (key == "port") return put(out.port, port(value));
  if (key == "identities") return put(out.identities, paths(key, value));
  if (key == "identities_only") return put(out.identities_only, boolean(key, value));
  if (key == "accept_new") return put(out.accept_new, boolean(key, value));
  if (key == "known_hosts") return put(out.known_hosts, paths(key, value));
  if (key == "escape") {
    auto written = text(key, value);
    if (!written) return std::unexpected(written.error());
    auto parsed = parse_escape_key(*written);
    if (!parsed) return wrong(value, fmt::format("escape: {}", parsed.error().message));
    return put<std::optional<char>>(out.escape, *parsed);
  }
  if (key == "jump") return put(out.jump, text(key, value));
  if (key == "timeout") return put(out.timeout, duration(key, value));
  if (key == "resume") return put(out.resume, boolean(key, value));
  if (key == "forward_agent") return put(out.forward_agent, boolean(key, value));
  if (key == "keep") {
    if (value.value_exact<std::string>() == "off") return put<milliseconds>(out.keep, {});
    return put(out.keep, duration(key, value));
  }
  return wrong(value, fmt::format("'{}' is not a setting; there are hostname, port, user, escape, "
                                  "identities, identities_only, accept_new, known_hosts, "
                                  "timeout, keep, jump, resume and forward_agent",
                                  printable(key)));
}

Result<HostSettings> ConfigFile::settings(const toml::table& table) const {
  HostSettings out;
  for (const auto& [key, value] : table)
    if (auto ok = set(out, key.str(), value); !ok) return std::unexpected(ok.error());
  return out;
}

// toml++ keeps tables sorted by name; what comes first is a matter of the file.
Result<std::vector<const toml::key*>> ConfigFile::patterns_in_order(
    const toml::table& hosts) const {
  std::vector<const toml::key*> keys;
  for (const auto& [key, value] : hosts) {
    if (!value.is_table())
      return wrong(value, fmt::format("'{}' must be a table: [host.\"{}\"]", printable(key.str()),
                                      printable(key.str())));
    keys.push_back(&key);
  }
  auto position = [](const toml::key* key) { return key->source().begin; };
  std::ranges::sort(keys, [&](auto* a, auto* b) { return position(a) < position(b); });
  return keys;
}

bool applies(std::string_view patterns, std::string_view host) {
  std::string list = lower(patterns);
  std::ranges::replace(list, ' ', ',');
  return ssh::match_pattern_list(lower(host), list) == ssh::ListMatch::match;
}

template <class T>
void fill(std::optional<T>& into, std::optional<T>& from) {
  if (!into) into = std::move(from);
}

void merge(HostSettings& into, HostSettings from) {
  fill(into.hostname, from.hostname);
  fill(into.port, from.port);
  fill(into.user, from.user);
  fill(into.identities, from.identities);
  fill(into.identities_only, from.identities_only);
  fill(into.accept_new, from.accept_new);
  fill(into.known_hosts, from.known_hosts);
  fill(into.timeout, from.timeout);
  fill(into.escape, from.escape);
  fill(into.keep, from.keep);
  fill(into.jump, from.jump);
  fill(into.resume, from.resume);
  fill(into.forward_agent, from.forward_agent);
}

Result<HostSettings> ConfigFile::for_host(const toml::table& root, std::string_view host) const {
  HostSettings merged;
  HostSettings defaults;
  for (const auto& [key, value] : root) {
    const auto* table = value.as_table();
    if (!table || (key.str() != "defaults" && key.str() != "host"))
      return wrong(value, fmt::format("'{}' is not known here; there are [defaults] and "
                                      "[host.\"PATTERN\"]",
                                      printable(key.str())));
    if (key.str() == "defaults") {
      auto found = settings(*table);
      if (!found) return found;
      if (found->hostname)
        return wrong(*table->get("hostname"), "hostname belongs under [host.\"PATTERN\"]");
      defaults = *std::move(found);
      continue;
    }
    auto patterns = patterns_in_order(*table);
    if (!patterns) return std::unexpected(patterns.error());
    for (const auto* pattern : *patterns) {
      auto found = settings(*table->get_as<toml::table>(pattern->str()));
      if (!found) return found;
      if (applies(pattern->str(), host)) merge(merged, *std::move(found));
    }
  }
  merge(merged, std::move(defaults));
  return merged;
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  std::uint32_t number = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  std::uint64_t scale = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : 0;
  milliseconds limit(number * scale);
  if (ec != std::errc() || limit <= milliseconds(0) || limit > std::chrono::hours(24))
    return fail(Errc::usage, fmt::format("'{}' is not a time: write \"10s\", \"500ms\" or \"2m\", "
                                         "a day at most",
                                         printable(text)));
  return limit;
}

Result<HostSettings> read_client_config(std::string_view text, std::string_view file_name,
                                        std::string_view home, std::string_view host) {
  try {
    auto root = toml::parse(text, file_name);
    return ConfigFile(file_name, home).for_host(root, host);
  } catch (const toml::parse_error& error) {
    return fail(Errc::usage, fmt::format("{}:{}: {}", file_name, error.source().begin.line,
                                         printable(error.description())));
  }
}

}  // namespace nigh::client
