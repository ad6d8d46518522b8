// SPDX-License-Identifier: Apache-2.0
#include "server/serve.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "server/config_file.hpp"
#include "server/host_key.hpp"
#include "server/keeper/keeper.hpp"
#include "server/link/publication.hpp"
#include "server/worker/account.hpp"
#include "ssh/authorized_keys.hpp"
#include "ssh/certificate.hpp"

namespace nigh::server {
namespace {

std::string or_default(const char* variable, const std::string& fallback) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value == '/' ? value : fallback;
}

// "~/x" and relative paths as absolute ones: the other processes have their own directories.
std::string absolute(const std::string& path, const Account& account) {
  if (path.starts_with("~/")) return account.home + path.substr(1);
  if (path.starts_with('/')) return path;
  char here[4096];
  return ::getcwd(here, sizeof here) != nullptr ? fmt::format("{}/{}", here, path) : path;
}

std::uint32_t default_fronts() { return std::clamp(std::thread::hardware_concurrency(), 1u, 4u); }

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail_errno("cannot read " + path, errno);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<void> apply_file(const std::string& named, const std::string& usual, Config& config) {
  const auto& path = named.empty() ? usual : named;
  if (named.empty() && ::access(path.c_str(), F_OK) != 0) return {};
  auto text = read_text(path);
  if (!text) return std::unexpected(text.error());
  return apply_config(*text, path, config);
}

Result<Config> load_config(const ServeOptions& options) {
  auto account = own_account();
  if (!account) return std::unexpected(account.error());
  Config config;
  config.fronts = default_fronts();
  config.authorized_keys = "~/.ssh/authorized_keys";
  config.state_directory = or_default("XDG_STATE_HOME", account->home + "/.local/state") + "/nigh";
  auto usual = or_default("XDG_CONFIG_HOME", account->home + "/.config") + "/nigh/server.toml";
  if (auto applied = apply_file(options.config_file, usual, config); !applied)
    return std::unexpected(applied.error());
  if (!options.listen.empty()) config.listen = options.listen;
  if (!options.publish.empty()) config.publish = options.publish;
  if (auto checked = check_publications(config.publish); !checked)
    return std::unexpected(checked.error());
  if (!options.authorized_keys.empty()) config.authorized_keys = options.authorized_keys;
  if (!options.host_key.empty()) config.host_key = options.host_key;
  if (!options.log_level.empty()) config.log_level = options.log_level;
  config.authorized_keys = absolute(config.authorized_keys, *account);
  if (!config.host_key.empty()) config.host_key = absolute(config.host_key, *account);
  return config;
}

Result<std::vector<Listener>> bind_all(const Config& config) {
  std::vector<Listener> listeners;
  for (const auto& where : config.listen) {
    auto bound = listen_on(where);
    if (!bound) return std::unexpected(bound.error());
    for (auto& listener : *bound) listeners.push_back(std::move(listener));
  }
  return listeners;
}

// Not an error: the keys may be added while we run.
void warn_without_keys(const Config& config) {
  if (::access(config.authorized_keys.c_str(), R_OK) != 0)
    std::fprintf(stderr, "nigh: nobody can log in yet: %s\n",
                 errno_error("cannot read " + config.authorized_keys, errno).message.c_str());
}

// Not an error: clients decide by the key alone then.
void warn_of_expired_certificate(const HostKey& host_key) {
  if (!host_key.certificate) return;
  auto certificate = ssh::parse_certificate(*host_key.certificate);
  auto now = static_cast<std::uint64_t>(std::time(nullptr));
  if (certificate && certificate->valid_before <= now)
    std::fprintf(stderr, "nigh: %s-cert.pub has expired: clients pass it over\n",
                 host_key.file.c_str());
}

std::string describe(const HostKey& host_key) {
  auto text =
      fmt::format("host key {} ({})\n", ssh::fingerprint(host_key.key.public_key()), host_key.file);
  if (host_key.certificate) text += fmt::format("host certificate {}-cert.pub\n", host_key.file);
  return text;
}

// sd_notify(3)'s protocol, which is documented for those who do not link libsystemd: it and what it
// brings along would load at every start of the client too.
void notify_service_manager(const char* state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || (*path != '/' && *path != '@') ||
      std::strlen(path) >= sizeof address.sun_path)
    return;
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path);
  if (*path == '@') address.sun_path[0] = '\0';
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  (void)::sendto(socket.get(), state, std::strlen(state), MSG_NOSIGNAL,
                 reinterpret_cast<sockaddr*>(&address), size);
}

Result<int> serve(const ServeOptions& options) {
  auto config = load_config(options);
  if (!config) return std::unexpected(config.error());
  log::start("keeper", log::level_named(config->log_level));
#ifndef NIGH_SANITIZED
  ::prctl(PR_SET_DUMPABLE, 0);  // the host key is in this process's memory
#endif
  ::signal(SIGPIPE, SIG_IGN);
  auto host_key = load_host_key(config->host_key, config->state_directory);
  if (!host_key) return std::unexpected(host_key.error());
  const auto description = describe(*host_key);
  warn_of_expired_certificate(*host_key);
  if (options.check) {
    warn_without_keys(*config);
    fmt::print("{}the configuration is fine\n", description);
    return 0;
  }
  auto listeners = bind_all(*config);
  if (!listeners) return std::unexpected(listeners.error());
  std::vector<std::string> addresses;
  for (const auto& listener : *listeners) addresses.push_back(listener.address);
  warn_without_keys(*config);

  Keeper keeper(*std::move(config), std::move(host_key->key), std::move(host_key->certificate),
                *std::move(listeners));
  if (auto started = keeper.start(); !started) return std::unexpected(started.error());
  for (const auto& address : addresses) fmt::print("listening on {}\n", address);
  fmt::print("{}ready\n", description);
  std::fflush(stdout);
  notify_service_manager("READY=1");
  int status = keeper.run();
  notify_service_manager("STOPPING=1");
  return status;
}

}  // namespace

int serve_main(const ServeOptions& options) {
  auto status = serve(options);
  if (status) return *status;
  std::fprintf(stderr, "nigh: %s\n", status.error().message.c_str());
  return 1;
}

}  // namespace nigh::server
