// SPDX-License-Identifier: Apache-2.0
// From values as written to an SshHost: numbers, choices and paths.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "ssh/config_expand.hpp"
#include "ssh/config_values.hpp"

namespace nigh::ssh {
namespace {

std::unexpected<Error> bad(const ConfigValue& value, std::string_view wanted) {
  return fail(Errc::malformed,
              fmt::format("{}: '{}' is not {}", value.where, printable(value.text), wanted));
}

std::unexpected<Error> located(const ConfigValue& value, const Error& error) {
  return fail(error.code, fmt::format("{}: {}", value.where, error.message));
}

Result<std::uint16_t> to_port(const ConfigValue& value) {
  std::uint16_t port = 0;
  auto end = value.text.data() + value.text.size();
  auto [stop, error] = std::from_chars(value.text.data(), end, port);
  if (error != std::errc() || stop != end || port == 0) return bad(value, "a port");
  return port;
}

Result<bool> to_bool(const ConfigValue& value) {
  auto text = lower(value.text);
  if (text == "yes" || text == "true") return true;
  if (text == "no" || text == "false") return false;
  return bad(value, "yes or no");
}

Result<StrictHostKeyChecking> to_strictness(const ConfigValue& value) {
  auto text = lower(value.text);
  if (text == "yes" || text == "true") return StrictHostKeyChecking::yes;
  if (text == "no" || text == "false" || text == "off") return StrictHostKeyChecking::no;
  if (text == "ask") return StrictHostKeyChecking::ask;
  if (text == "accept-new") return StrictHostKeyChecking::accept_new;
  return bad(value, "yes, no, ask or accept-new");
}

std::uint64_t seconds_in(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    case 'w':
      return 604800;
    default:
      return 0;
  }
}

// "90", "1m30s", "1h30"; nullopt for "none".
Result<std::optional<std::chrono::seconds>> to_timeout(const ConfigValue& value) {
  auto text = lower(value.text);
  if (text == "none") return std::nullopt;
  std::uint64_t total = 0;
  for (std::string_view rest = text; !rest.empty();) {
    std::uint32_t count = 0;
    auto [stop, error] = std::from_chars(rest.begin(), rest.end(), count);
    if (error != std::errc()) return bad(value, "a time");
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.begin()));
    auto unit = rest.empty() ? 1 : seconds_in(rest.front());
    if (unit == 0) return bad(value, "a time");
    if (!rest.empty()) rest.remove_prefix(1);
    total += unit * count;
    if (total > std::numeric_limits<std::int32_t>::max()) return bad(value, "a time this long");
  }
  return std::chrono::seconds(total);
}

// IdentityAgent: "none", SSH_AUTH_SOCK (the default), $NAME, or a path.
Result<std::optional<std::string>> to_agent(const ConfigValue& value, const ConfigTokens& tokens,
                                            const SshConfigQuery& query, ConfigSource source) {
  if (lower(value.text) == "none") return "none";
  if (value.text == "SSH_AUTH_SOCK") return std::nullopt;
  if (value.text.starts_with('$') && !value.text.starts_with("${")) {
    auto path = query.environment ? query.environment(value.text.substr(1)) : std::nullopt;
    return path.value_or("none");
  }
  if (source == ConfigSource::ssh_G) return value.text;
  auto path = expand_path(value.text, tokens, query);
  if (!path) return located(value, path.error());
  return *std::move(path);
}

// ForwardAgent: yes, no, $NAME, or a path. A variable that is not set is no agent.
Result<std::optional<std::string>> to_forwarding(const ConfigValue& value,
                                                 const ConfigTokens& tokens,
                                                 const SshConfigQuery& query, ConfigSource source) {
  auto text = lower(value.text);
  if (text == "yes" || text == "true") return "yes";
  if (text == "no" || text == "false") return "no";
  auto path = to_agent(value, tokens, query, source);
  if (path && *path == "none") *path = "no";
  return path;
}

using Paths = std::optional<std::vector<std::string>>;
using Expander = std::function<Result<std::string>(const std::string&)>;

Result<Paths> to_paths(const std::optional<std::vector<ConfigValue>>& values,
                       const Expander& expander) {
  if (!values) return std::nullopt;
  std::vector<std::string> paths;
  for (const auto& value : *values) {
    if (lower(value.text) == "none") continue;
    auto path = expander(value.text);
    if (!path) return located(value, path.error());
    paths.push_back(*std::move(path));
  }
  return paths;
}

// Sets `field` from `value` if there is one.
template <class Field, class Convert>
Result<void> convert(const std::optional<ConfigValue>& value, Field& field, Convert to) {
  if (!value) return {};
  auto converted = to(*value);
  if (!converted) return std::unexpected(converted.error());
  field = *std::move(converted);
  return {};
}

class Finisher {
 public:
  Finisher(const ConfigValues& values, const SshConfigQuery& query, ConfigSource source)
      : values_(values), query_(query), source_(source) {}

  Result<SshHost> run() && {
    using Step = Result<void> (Finisher::*)();
    for (Step step :
         {&Finisher::set_names, &Finisher::set_choices, &Finisher::set_agent, &Finisher::set_paths})
      if (auto done = (this->*step)(); !done) return std::unexpected(done.error());
    return std::move(host_);
  }

 private:
  Result<void> set_names() {
    host_.user = query_.user;
    if (!host_.user && values_.user) host_.user = values_.user->text;
    if (values_.host_key_alias) host_.host_key_alias = values_.host_key_alias->text;
    host_.host_name = query_.host;
    auto done = convert(values_.host_name, host_.host_name, [&](const ConfigValue& value) {
      if (source_ == ConfigSource::ssh_G) return Result<std::string>(value.text);
      auto name = expand_tokens(value.text, host_name_tokens(query_));
      return name ? name : located(value, name.error());
    });
    // As ssh does; scopes of IPv6 addresses keep their case.
    if (!host_.host_name.contains(':') && !host_.host_name.contains('%'))
      host_.host_name = lower(host_.host_name);
    set_way();
    return done;
  }

  void set_way() {
    auto is_none = [](const std::optional<ConfigValue>& value) {
      return !value || lower(value->text) == "none";
    };
    if (!is_none(values_.proxy_command)) host_.proxy_command = values_.proxy_command->text;
    if (is_none(values_.proxy_jump)) return;
    for (auto jump : split(values_.proxy_jump->text, ','))
      host_.proxy_jump.emplace_back(trim(jump));
  }

  Result<void> set_choices() {
    for (auto&& done :
         {convert(values_.port, host_.port, to_port),
          convert(values_.identities_only, host_.identities_only, to_bool),
          convert(values_.hash_known_hosts, host_.hash_known_hosts, to_bool),
          convert(values_.connect_timeout, host_.connect_timeout, to_timeout),
          convert(values_.strict_host_key_checking, host_.strict_host_key_checking, to_strictness)})
      if (!done) return done;
    auto canonicalize =
        values_.canonicalize_hostname ? lower(values_.canonicalize_hostname->text) : "no";
    bool canonicalizes = canonicalize != "no" && canonicalize != "false";
    // What `ssh -G` prints is past all that.
    host_.needs_match = source_ == ConfigSource::files && (values_.needs_match || canonicalizes);
    tokens_ = path_tokens(query_, host_.host_name, host_.user.value_or(query_.local_user),
                          host_.port.value_or(22), host_.host_key_alias.value_or(query_.host));
    return {};
  }

  Result<void> set_agent() {
    auto forwarding = [&](const ConfigValue& value) {
      return to_forwarding(value, tokens_, query_, source_);
    };
    if (auto done = convert(values_.forward_agent, host_.forward_agent, forwarding); !done)
      return done;
    return convert(values_.identity_agent, host_.identity_agent, [&](const ConfigValue& value) {
      return to_agent(value, tokens_, query_, source_);
    });
  }

  Result<void> set_paths() {
    Expander keep = [](const std::string& text) { return text; };
    Expander expand = [&](const std::string& text) { return expand_path(text, tokens_, query_); };
    Expander once = source_ == ConfigSource::ssh_G ? keep : expand;
    for (auto&& [from, to, expander] :
         {std::tuple(&ConfigValues::identity_files, &SshHost::identity_files, &expand),
          std::tuple(&ConfigValues::certificate_files, &SshHost::certificate_files, &expand),
          std::tuple(&ConfigValues::user_known_hosts_files, &SshHost::user_known_hosts_files,
                     &once),
          std::tuple(&ConfigValues::global_known_hosts_files, &SshHost::global_known_hosts_files,
                     &keep)}) {
      auto paths = to_paths(values_.*from, *expander);
      if (!paths) return std::unexpected(paths.error());
      host_.*to = *std::move(paths);
    }
    return {};
  }

  const ConfigValues& values_;
  const SshConfigQuery& query_;
  ConfigSource source_;
  ConfigTokens tokens_;
  SshHost host_;
};

}  // namespace

Result<SshHost> finish_config(const ConfigValues& values, const SshConfigQuery& query,
                              ConfigSource source) {
  return Finisher(values, query, source).run();
}

}  // namespace nigh::ssh
