// SPDX-License-Identifier: Apache-2.0
#include "client/resolve.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>

#include "base/text.hpp"
#include "client/files.hpp"
#include "client/ssh_tools.hpp"
#include "io/runtime.hpp"

namespace nigh::client {
namespace {

constexpr std::size_t kMaxConfig = 1024 * 1024;
constexpr int kMaxJumps = 8;

std::vector<std::string> expand_glob(const std::string& pattern) {
  if (pattern.find_first_of("*?[") == pattern.npos) return {pattern};
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return paths;
}

using ReadOne = Result<std::optional<std::string>> (*)(const std::string&, std::size_t);

ssh::ConfigReader config_reader(ReadOne read) {
  return [read](const std::string& pattern) -> Result<std::vector<ssh::ConfigText>> {
    std::vector<ssh::ConfigText> files;
    for (const auto& path : expand_glob(pattern)) {
      auto text = read(path, ssh::kMaxSshConfigFile);
      if (!text) return std::unexpected(text.error());
      if (*text) files.push_back({path, **std::move(text)});
    }
    return files;
  };
}

void require(const std::string& file) {
  if (!file.empty() && !file_exists(file))
    throw Failure(Errc::not_found,
                  fmt::format("the configuration file {} does not exist", printable(file)));
}

HostSettings nigh_settings(const ConnectOptions& options, const Surroundings& around,
                           const std::string& alias) {
  auto named = options.config_file.string();
  require(named);
  auto file = named.empty() ? around.config_home + "/nigh/config.toml" : named;
  auto text = unwrap(read_trusted_file(file, kMaxConfig));
  if (!text) return {};
  return unwrap(read_client_config(*text, file, around.home, alias));
}

ssh::SshConfigQuery query_for(const Target& target, const Surroundings& around) {
  return {.host = target.host,
          .user = target.user,
          .home = around.home,
          .local_user = around.local_user,
          .local_host = around.local_host,
          .uid = around.uid,
          .environment = around.environment,
          .home_of = around.home_of};
}

// What `ssh -F` must name so that ssh reads the file that we read; empty: it does by itself.
std::string file_for_ssh(const std::string& config_file, const Surroundings& around) {
  if (!config_file.empty() || around.home == around.account_home) return config_file;
  return around.home + "/.ssh/config";
}

awaitable<ssh::SshHost> ssh_settings(Target target, std::string config_file, Surroundings around) {
  require(config_file);
  auto query = query_for(target, around);
  // As ssh does: a file that is named by hand (-F) may be anybody's.
  auto answer = unwrap(config_file.empty()
                           ? ssh::resolve_ssh_host(query, config_reader(read_trusted_file))
                           : ssh::resolve_ssh_host(query, config_reader(read_file), config_file));
  if (!answer.needs_match) co_return answer;
  auto output =
      co_await ask_ssh_for_config(target.host, target.user, file_for_ssh(config_file, around));
  if (output) answer = unwrap(ssh::parse_ssh_G(query, *output));
  co_return answer;
}

// `Host *` with jump hosts means these hosts as well: a way ends before the one that it is for.
void end_before(const Target& target, Endpoint& endpoint) {
  auto itself = std::ranges::find_if(endpoint.jumps, [&](const std::string& jump) {
    auto hop = parse_target(jump);
    return hop && hop->host == target.host && hop->port == target.port &&
           (!hop->user || *hop->user == endpoint.user);
  });
  endpoint.jumps.erase(itself, endpoint.jumps.end());
}

awaitable<Endpoint> resolve_at(int depth, std::string text, ConnectOptions options,
                               Surroundings around);

// Each hop is a host of its own; what was said about the target's keys is not for them. How the
// nearest is reached is its own matter, the others are reached through the one before.
awaitable<std::shared_ptr<const Endpoint>> resolve_jumps(int depth, Endpoint target,
                                                         ConnectOptions options,
                                                         Surroundings around) {
  if (depth > kMaxJumps)
    throw Failure(Errc::usage, fmt::format("there are more than {} jump hosts to pass: do two of "
                                           "them lead through each other?",
                                           kMaxJumps));
  options.identities.clear();
  options.jump.clear();
  std::shared_ptr<const Endpoint> via;
  for (const auto& jump : target.jumps) {
    auto hop = co_await resolve_at(depth + 1, jump, options, around);
    if (via) hop.via = via;
    via = std::make_shared<const Endpoint>(std::move(hop));
    options.jump = "none";
  }
  co_return via;
}

awaitable<Endpoint> resolve_at(int depth, std::string text, ConnectOptions options,
                               Surroundings around) {
  auto target = unwrap(parse_target(text));
  auto settings = nigh_settings(options, around, target.host);
  auto ssh_host = co_await ssh_settings(target, options.ssh_config_file.string(), around);
  auto endpoint = unwrap(combine(target, options, settings, ssh_host, around));
  end_before(target, endpoint);
  endpoint.via = co_await resolve_jumps(depth, endpoint, std::move(options), std::move(around));
  co_return endpoint;
}

}  // namespace

awaitable<Endpoint> resolve(std::string text, ConnectOptions options, Surroundings around) {
  co_return co_await resolve_at(0, std::move(text), std::move(options), std::move(around));
}

}  // namespace nigh::client
