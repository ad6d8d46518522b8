// SPDX-License-Identifier: Apache-2.0
#include "client/host_check.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "client/files.hpp"
#include "client/wrong_peer.hpp"
#include "ssh/host_chain.hpp"
#include "ssh/known_hosts.hpp"

namespace nigh::client {
namespace {

Result<ssh::HostKeyVerdict> look_up(const Endpoint& endpoint, const ssh::PublicKey& key) {
  std::vector<std::string> texts;
  std::vector<ssh::KnownHostsText> files;
  texts.reserve(endpoint.known_hosts_files.size());  // views point into it
  for (const auto& path : endpoint.known_hosts_files) {
    auto text = read_file(path, ssh::kMaxKnownHosts);
    if (!text) return std::unexpected(text.error());
    if (!*text) continue;
    texts.push_back(**std::move(text));
    files.push_back({path, texts.back()});
  }
  return ssh::look_up(files, endpoint.known_hosts_names, key);
}

std::unexpected<Error> mismatch(const Endpoint& endpoint, const ssh::HostKeyVerdict& verdict,
                                const std::string& shown) {
  return fail(Errc::refused,
              fmt::format("the host key of {} is not the one that {} line {} has for it. Either "
                          "the server got a new key or somebody stands in between. The server "
                          "showed {}: compare it with what `nigh serve` prints there, and only if "
                          "it is the same, remove that line (ssh-keygen -R '{}')",
                          endpoint.address(), printable(verdict.file), verdict.line, shown,
                          endpoint.known_hosts_names.front()));
}

std::unexpected<Error> revoked(const Endpoint& endpoint, const ssh::HostKeyVerdict& verdict,
                               const std::string& shown) {
  return fail(Errc::refused,
              fmt::format("the host key of {} ({}) is marked as revoked by {} line "
                          "{}: do not connect; ask who runs the server",
                          endpoint.address(), shown, printable(verdict.file), verdict.line));
}

std::unexpected<Error> unknown(const Endpoint& endpoint, const std::string& shown) {
  return fail(Errc::refused,
              fmt::format("the host key of {} is not known: {}. Compare it with what `nigh serve` "
                          "prints there; if it is the same, accept it once with --accept-new",
                          endpoint.address(), shown));
}

Result<void> remember(const Endpoint& endpoint, const ssh::PublicKey& key) {
  if (endpoint.known_hosts_to_append.empty()) return {};  // UserKnownHostsFile none
  auto line =
      ssh::known_hosts_line(endpoint.known_hosts_names.front(), key, endpoint.hash_known_hosts);
  if (!line) return std::unexpected(line.error());
  return append_line(endpoint.known_hosts_to_append, *line);
}

Result<HostCheck> decide_unknown(const Endpoint& endpoint, const ssh::PublicKey& key,
                                 const std::function<bool(const UnknownHostKey&)>& confirm) {
  HostCheck check{.fingerprint = ssh::fingerprint(key), .how = {}, .asked = false};
  auto shown = fmt::format("{} {}", key.type, check.fingerprint);
  if (endpoint.unknown_host != UnknownHostPolicy::accept) {
    if (endpoint.unknown_host == UnknownHostPolicy::refuse || !confirm)
      return unknown(endpoint, shown);
    check.asked = true;
    if (!confirm({endpoint.known_hosts_names.front(), key.type, check.fingerprint}))
      return fail(Errc::refused,
                  fmt::format("the host key of {} was not accepted", endpoint.address()));
  }
  if (auto written = remember(endpoint, key); !written) return std::unexpected(written.error());
  check.how = endpoint.known_hosts_to_append.empty()
                  ? "accepted for this time"
                  : fmt::format("new, added to {}", printable(endpoint.known_hosts_to_append));
  return check;
}

}  // namespace

Result<HostCheck> check_host(const Endpoint& endpoint, const std::vector<std::string>& chain,
                             const std::function<bool(const UnknownHostKey&)>& confirm,
                             std::int64_t unix_now) {
  if (chain.size() != 2)
    return std::unexpected(not_nigh(
        endpoint.address(), "its certificate chain is not a leaf signed by an SSH host key"));
  auto key = ssh::verify_host_chain(chain[0], chain[1], unix_now);
  if (!key) return std::unexpected(not_nigh(endpoint.address(), key.error().message));

  auto verdict = look_up(endpoint, *key);
  if (!verdict)
    return fail(Errc::refused, fmt::format("cannot tell whether the host key of {} is known: {}",
                                           endpoint.address(), verdict.error().message));
  auto shown = fmt::format("{} {}", key->type, ssh::fingerprint(*key));
  switch (verdict->state) {
    case ssh::HostKeyState::revoked:
      return revoked(endpoint, *verdict, shown);
    case ssh::HostKeyState::mismatch:
      return mismatch(endpoint, *verdict, shown);
    case ssh::HostKeyState::unknown:
      return decide_unknown(endpoint, *key, confirm);
    case ssh::HostKeyState::match:
      break;
  }
  return HostCheck{.fingerprint = ssh::fingerprint(*key),
                   .how = fmt::format("known ({}:{})", printable(verdict->file), verdict->line),
                   .asked = false};
}

}  // namespace nigh::client
