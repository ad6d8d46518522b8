// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "ssh/certificate.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

bool contains(const auto& range, std::string_view value) {
  return std::ranges::find(range, value) != range.end();
}

const std::string* find(const Certificate::Options& options, std::string_view name) {
  auto found = std::ranges::find(options, name, &Certificate::Options::value_type::first);
  return found == options.end() ? nullptr : &found->second;
}

std::optional<std::string> string_option(const Certificate& certificate, std::string_view name) {
  auto* data = find(certificate.critical_options, name);
  if (data == nullptr) return std::nullopt;
  return std::string(wire::Reader(*data).string());  // parse_certificate has checked its form
}

bool is_known(CertificateType type, std::string_view option) {
  constexpr auto kUserOptions =
      std::to_array<std::string_view>({"force-command", "source-address", "verify-required"});
  return type == CertificateType::user && contains(kUserOptions, option);
}

std::string_view name(CertificateType type) {
  return type == CertificateType::user ? "user" : "host";
}

// Names in certificates can be long, and a peer's certificate must not fill a person's terminal.
std::string shown(std::string_view name) {
  constexpr std::size_t kShown = 80;
  return printable(name.substr(0, kShown)) + (name.size() > kShown ? "..." : "");
}

std::unexpected<Error> refuse(const Certificate& certificate, std::string_view why) {
  return fail(Errc::refused,
              fmt::format("the certificate \"{}\" {}", shown(certificate.key_id), why));
}

Result<void> check_time(const Certificate& certificate, std::int64_t unix_now) {
  auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_now, 0));
  if (now < certificate.valid_after) return refuse(certificate, "is not valid yet");
  if (now >= certificate.valid_before) return refuse(certificate, "has expired");
  return {};
}

// OpenSSH before 10.3 let a certificate without principals stand for every user of a cert-authority
// line in authorized_keys, and for every host; under TrustedUserCAKeys it was always refused. Since
// 10.3 such a certificate matches nobody, and so it does here: a CA that forgets the list must not
// hand out everything.
Result<void> check_principals(const Certificate& certificate,
                              std::span<const std::string> accepted) {
  if (certificate.principals.empty()) return refuse(certificate, "lists no principals");
  for (const auto& principal : accepted)
    if (contains(certificate.principals, principal)) return {};
  return refuse(certificate, accepted.size() == 1
                                 ? fmt::format("is not for \"{}\"", printable(accepted[0]))
                                 : "lists none of the accepted principals");
}

}  // namespace

Result<void> check_certificate(const Certificate& certificate, CertificateType type,
                               std::span<const std::string> accepted, std::int64_t unix_now) {
  if (certificate.type != type)
    return refuse(certificate, fmt::format("is a {} certificate, not a {} certificate",
                                           name(certificate.type), name(type)));
  if (auto r = check_time(certificate, unix_now); !r) return r;
  if (auto r = check_principals(certificate, accepted); !r) return r;
  for (const auto& [option, data] : certificate.critical_options)
    if (!is_known(type, option))
      return refuse(
          certificate,
          fmt::format("has the critical option \"{}\", which is not known here", shown(option)));
  return {};
}

Result<void> check_certificate(const Certificate& certificate, CertificateType type,
                               std::string_view principal, std::int64_t unix_now) {
  std::string accepted(principal);
  return check_certificate(certificate, type, std::span(&accepted, 1), unix_now);
}

std::optional<std::string> Certificate::force_command() const {
  return string_option(*this, "force-command");
}
std::optional<std::string> Certificate::source_address() const {
  return string_option(*this, "source-address");
}
bool Certificate::verify_required() const {
  return find(critical_options, "verify-required") != nullptr;
}
bool Certificate::has_extension(std::string_view extension) const {
  return find(extensions, extension) != nullptr;
}

}  // namespace nigh::ssh
