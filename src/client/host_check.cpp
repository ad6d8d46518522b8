// SPDX-License-Identifier: Apache-2.0
#include "client/host_check.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "client/files.hpp"
#include "client/wrong_peer.hpp"
#include "ssh/certificate.hpp"
#include "ssh/host_chain.hpp"
#include "ssh/known_hosts.hpp"

namespace nigh::client {
namespace {

// As ssh does: the certificate names hosts without ports, or the HostKeyAlias.
const std::string& principal(const Endpoint& endpoint) { return endpoint.known_hosts_names.back(); }

// What the server claims, as far as it can be told without known_hosts.
struct Claim {
  ssh::PublicKey key;
  std::optional<ssh::Certificate> certificate;  // absent unless it checks
  std::string shown;                            // for people
};

Result<ssh::Certificate> check_host_certificate(const Endpoint& endpoint,
                                                const ssh::HostIdentity& identity,
                                                std::int64_t unix_now) {
  auto certificate = ssh::parse_certificate(*identity.certificate);
  if (!certificate) return certificate;
  if (certificate->certified_key != identity.key)
    return fail(Errc::refused, "the certificate is for another key");
  if (auto good = ssh::check_certificate(*certificate, ssh::CertificateType::host,
                                         principal(endpoint), unix_now);
      !good)
    return std::unexpected(good.error());
  return certificate;
}

Claim examine(const Endpoint& endpoint, const ssh::HostIdentity& identity, std::int64_t unix_now,
              const Progress& progress) {
  Claim claim{identity.key, std::nullopt,
              fmt::format("{} {}", identity.key.type, ssh::fingerprint(identity.key))};
  if (!identity.certificate) return claim;
  auto certificate = check_host_certificate(endpoint, identity, unix_now);
  if (!certificate) {
    progress.step("host certificate does not count: {}", certificate.error().message);
    claim.shown +=
        fmt::format(" (its certificate does not count: {})", certificate.error().message);
    return claim;
  }
  auto authority = ssh::fingerprint(certificate->signing_key);
  progress.step("host certificate for {} by the authority {}", principal(endpoint), authority);
  claim.shown += fmt::format(" (certified by the authority {})", authority);
  claim.certificate = *std::move(certificate);
  return claim;
}

Result<ssh::HostKeyVerdict> look_up(const Endpoint& endpoint, const Claim& claim) {
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
  return ssh::look_up(files, endpoint.known_hosts_names, claim.key,
                      claim.certificate ? &*claim.certificate : nullptr);
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
                               const Claim& claim) {
  return fail(Errc::refused,
              fmt::format("the host key of {}{}, {}, is marked as revoked by {} line {}: do not "
                          "connect; ask who runs the server",
                          endpoint.address(), claim.certificate ? " or its authority" : "",
                          claim.shown, printable(verdict.file), verdict.line));
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

Result<HostCheck> decide_unknown(const Endpoint& endpoint, const Claim& claim,
                                 const std::function<bool(const UnknownHostKey&)>& confirm) {
  const auto& key = claim.key;
  HostCheck check{.fingerprint = ssh::fingerprint(key), .how = {}, .asked = false};
  if (endpoint.unknown_host != UnknownHostPolicy::accept) {
    if (endpoint.unknown_host == UnknownHostPolicy::refuse || !confirm)
      return unknown(endpoint, claim.shown);
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
                             std::int64_t unix_now, const Progress& progress) {
  if (chain.size() != 2)
    return std::unexpected(not_nigh(
        endpoint.address(), "its certificate chain is not a leaf signed by an SSH host key"));
  auto identity = ssh::verify_host_chain(chain[0], chain[1], unix_now);
  if (!identity) return std::unexpected(not_nigh(endpoint.address(), identity.error().message));

  auto claim = examine(endpoint, *identity, unix_now, progress);
  auto verdict = look_up(endpoint, claim);
  if (!verdict)
    return fail(Errc::refused, fmt::format("cannot tell whether the host key of {} is known: {}",
                                           endpoint.address(), verdict.error().message));
  switch (verdict->state) {
    case ssh::HostKeyState::revoked:
      return revoked(endpoint, *verdict, claim);
    case ssh::HostKeyState::mismatch:
      return mismatch(endpoint, *verdict, claim.shown);
    case ssh::HostKeyState::unknown:
      return decide_unknown(endpoint, claim, confirm);
    case ssh::HostKeyState::match:
      break;
  }
  return HostCheck{.fingerprint = ssh::fingerprint(claim.key),
                   .how = fmt::format("known ({}:{})", printable(verdict->file), verdict->line),
                   .asked = false};
}

}  // namespace nigh::client
