// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/escape_key.hpp"
#include "base/text.hpp"
#include "client/resolve.hpp"
#include "ssh/config_expand.hpp"
#include "ssh/known_hosts.hpp"

namespace nigh::client {
namespace {

using Strict = ssh::StrictHostKeyChecking;

std::vector<std::string> default_identities(const Surroundings& around) {
  std::vector<std::string> files;
  for (auto* name : {"id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk"})
    files.push_back(fmt::format("{}/.ssh/{}", around.home, name));
  return files;
}

std::string agent_socket(const ssh::SshHost& ssh_host, const Surroundings& around) {
  if (ssh_host.identity_agent)
    return *ssh_host.identity_agent == "none" ? std::string() : *ssh_host.identity_agent;
  return around.environment("SSH_AUTH_SOCK").value_or("");
}

IdentitySources identities(const ConnectOptions& options, const HostSettings& settings,
                           const ssh::SshHost& ssh_host, const Surroundings& around) {
  IdentitySources sources;
  sources.agent_socket = agent_socket(ssh_host, around);
  if (!options.identities.empty()) {
    for (const auto& file : options.identities) sources.files.push_back(file.string());
    sources.offer_agent_keys = false;
    return sources;
  }
  if (settings.identities) sources.files = *settings.identities;
  if (ssh_host.identity_files)
    sources.files.insert(sources.files.end(), ssh_host.identity_files->begin(),
                         ssh_host.identity_files->end());
  if (ssh_host.certificate_files) sources.certificates = *ssh_host.certificate_files;
  bool only = settings.identities_only.value_or(ssh_host.identities_only);
  sources.offer_agent_keys = !only;
  // As in ssh: IdentityFile, even `none`, takes the place of the default files.
  if (!ssh_host.identity_files && (!only || sources.files.empty()))
    sources.default_files = default_identities(around);
  return sources;
}

UnknownHostPolicy unknown_host(const ConnectOptions& options, const HostSettings& settings,
                               const ssh::SshHost& ssh_host) {
  auto strict = ssh_host.strict_host_key_checking.value_or(Strict::ask);
  if (options.accept_new) return UnknownHostPolicy::accept;
  if (settings.accept_new.value_or(false)) return UnknownHostPolicy::accept;
  if (strict == Strict::yes) return UnknownHostPolicy::refuse;
  // `no` means accept-new here: nothing in nigh overrides a mismatch.
  if (strict != Strict::ask && settings.accept_new.value_or(true)) return UnknownHostPolicy::accept;
  return UnknownHostPolicy::ask;
}

void set_known_hosts(Endpoint& endpoint, const HostSettings& settings, const ssh::SshHost& ssh_host,
                     const Surroundings& around) {
  if (ssh_host.host_key_alias) {
    endpoint.known_hosts_names = {lower(*ssh_host.host_key_alias)};
  } else {
    auto host = lower(endpoint.host);
    endpoint.known_hosts_names = {ssh::known_hosts_name(host, endpoint.port), host};
  }
  auto& files = endpoint.known_hosts_files;
  if (settings.known_hosts)
    files = *settings.known_hosts;
  else if (ssh_host.user_known_hosts_files)
    files = *ssh_host.user_known_hosts_files;
  else
    files = {around.home + "/.ssh/known_hosts", around.home + "/.ssh/known_hosts2"};
  if (!files.empty()) endpoint.known_hosts_to_append = files.front();
  if (ssh_host.global_known_hosts_files)
    files.insert(files.end(), ssh_host.global_known_hosts_files->begin(),
                 ssh_host.global_known_hosts_files->end());
  else
    files.insert(files.end(), {"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"});
  endpoint.hash_known_hosts = ssh_host.hash_known_hosts.value_or(false);
}

std::chrono::milliseconds time_limit(const ConnectOptions& options, const HostSettings& settings,
                                     const ssh::SshHost& ssh_host) {
  // A caller's own limit is one that differs from the built-in.
  if (options.timeout != ConnectOptions().timeout) return options.timeout;
  if (settings.timeout) return *settings.timeout;
  if (ssh_host.connect_timeout && ssh_host.connect_timeout->count() > 0)
    return *ssh_host.connect_timeout;
  return options.timeout;
}

// As in ssh it is the agent whose keys are offered, unless ForwardAgent names another.
void set_agent_to_forward(Endpoint& endpoint, const HostSettings& settings,
                          const ssh::SshHost& ssh_host) {
  auto said = ssh_host.forward_agent.value_or("no");
  endpoint.forward_agent = settings.forward_agent.value_or(said != "no");
  endpoint.agent_to_forward =
      said == "no" || said == "yes" ? endpoint.identities.agent_socket : said;
}

std::optional<std::chrono::milliseconds> keep_time(const ConnectOptions& options,
                                                   const HostSettings& settings) {
  constexpr std::chrono::minutes kUnlessSaid{10};
  if (options.kept == Kept::never) return std::nullopt;
  if (settings.keep && settings.keep->count() > 0) return settings.keep;
  if (options.kept == Kept::start) return kUnlessSaid;
  return std::nullopt;
}

// "a,b"; "none" is nobody.
Result<std::vector<std::string>> hosts_in(std::string_view list) {
  std::vector<std::string> hosts;
  if (lower(list) == "none") return hosts;
  for (auto host : split(list, ',')) {
    if (auto ok = parse_target(trim(host)); !ok)
      return fail(Errc::usage, fmt::format("jump host: {}", ok.error().message));
    hosts.emplace_back(trim(host));
  }
  return hosts;
}

// The ports there are those of sshd.
Result<std::vector<std::string>> hosts_of_ssh(const std::vector<std::string>& jumps) {
  std::vector<std::string> hosts;
  for (std::string_view jump : jumps) {
    if (lower(jump.substr(0, 6)) == "ssh://") jump.remove_prefix(6);
    auto target = parse_target(jump);
    if (!target)
      return fail(Errc::usage,
                  fmt::format("{}, says ssh_config's ProxyJump", target.error().message));
    bool v6 = target->host.contains(':');
    hosts.push_back(fmt::format("{}{}{}", target->user ? *target->user + "@" : "", v6 ? "[" : "",
                                target->host + (v6 ? "]" : "")));
  }
  return hosts;
}

// Everything that comes from outside in it has been checked: names of hosts and users have no sign
// that a shell would act on.
Result<std::string> proxy_command(const Endpoint& endpoint, const std::string& text) {
  auto expanded = ssh::expand_tokens(text, {{'%', "%"},
                                            {'h', endpoint.host},
                                            {'n', endpoint.alias},
                                            {'p', std::to_string(endpoint.port)},
                                            {'r', endpoint.user}});
  if (expanded) return expanded;
  return fail(Errc::usage, fmt::format("ssh_config's ProxyCommand: {}", expanded.error().message));
}

Result<void> set_way(Endpoint& endpoint, const ConnectOptions& options,
                     const HostSettings& settings, const ssh::SshHost& ssh_host) {
  bool said = !options.jump.empty() || settings.jump;
  if (!said && ssh_host.proxy_command) {
    auto command = proxy_command(endpoint, *ssh_host.proxy_command);
    if (!command) return std::unexpected(command.error());
    endpoint.proxy_command = *std::move(command);
    return {};
  }
  auto jumps = !options.jump.empty() ? hosts_in(options.jump)
               : settings.jump       ? hosts_in(*settings.jump)
                                     : hosts_of_ssh(ssh_host.proxy_jump);
  if (!jumps) return std::unexpected(jumps.error());
  endpoint.jumps = *std::move(jumps);
  return {};
}

}  // namespace

Result<Endpoint> combine(const Target& target, const ConnectOptions& options,
                         const HostSettings& settings, const ssh::SshHost& ssh_host,
                         const Surroundings& around) {
  Endpoint endpoint;
  endpoint.alias = target.host;
  endpoint.escape = settings.escape.value_or(std::optional<char>(kEscapeKey));
  endpoint.host = settings.hostname.value_or(ssh_host.host_name);
  endpoint.port = target.port.value_or(settings.port.value_or(kDefaultPort));
  endpoint.user = target.user     ? *target.user
                  : settings.user ? *settings.user
                  : ssh_host.user ? *ssh_host.user
                                  : around.local_user;
  if (auto ok = check_host_name(endpoint.host); !ok)
    return fail(Errc::usage, fmt::format("{}, says ssh_config's HostName for {}",
                                         ok.error().message, endpoint.alias));
  if (endpoint.user.empty())
    return fail(Errc::usage, fmt::format("this account has no name: write USER@{}", target.host));
  if (auto ok = check_user_name(endpoint.user); !ok) return std::unexpected(ok.error());
  set_known_hosts(endpoint, settings, ssh_host, around);
  endpoint.unknown_host = unknown_host(options, settings, ssh_host);
  endpoint.identities = identities(options, settings, ssh_host, around);
  endpoint.timeout = time_limit(options, settings, ssh_host);
  endpoint.resume_limit = options.resume_limit;
  endpoint.keep = keep_time(options, settings);
  endpoint.resume = settings.resume.value_or(true);
  set_agent_to_forward(endpoint, settings, ssh_host);
  if (auto ok = set_way(endpoint, options, settings, ssh_host); !ok)
    return std::unexpected(ok.error());
  return endpoint;
}

}  // namespace nigh::client
