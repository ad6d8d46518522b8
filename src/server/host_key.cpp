// SPDX-License-Identifier: Apache-2.0
#include "server/host_key.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "base/private_file.hpp"
#include "base/text.hpp"
#include "ssh/certificate.hpp"
#include "ssh/host_chain.hpp"

namespace nigh::server {
namespace {

constexpr std::size_t kMaxCertificateFile = 64 * 1024;

Result<std::string> read_certificate_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail_errno("cannot read the host certificate " + path, errno);
  std::string text(kMaxCertificateFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail(Errc::system, fmt::format("cannot read {}: is it a file?", path));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Result<std::string> parse_host_certificate(std::string_view text, const ssh::PublicKey& key) {
  if (text.size() > kMaxCertificateFile) return fail(Errc::too_large, "it is over 64 KiB long");
  auto line = ssh::parse_public_key_line(text);
  if (!line) return std::unexpected(line.error());
  auto certificate = ssh::parse_certificate(line->blob);
  if (!certificate) return std::unexpected(certificate.error());
  if (certificate->type != ssh::CertificateType::host)
    return fail(Errc::refused, "it is for users; ssh-keygen makes one for hosts with -h");
  if (certificate->certified_key != key)
    return fail(Errc::refused, "it is for another key than the host key beside it");
  if (line->blob.size() > ssh::kMaxHostCertificate)
    return fail(Errc::too_large, fmt::format("it is over {} KiB long: give it fewer names",
                                             ssh::kMaxHostCertificate >> 10));
  return std::move(line->blob);
}

Result<HostKey> with_certificate(HostKey host_key) {
  auto path = host_key.file + "-cert.pub";
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return host_key;
  auto text = read_certificate_file(path);
  if (!text) return std::unexpected(text.error());
  auto blob = parse_host_certificate(*text, host_key.key.public_key());
  if (!blob)
    return fail(blob.error().code,
                fmt::format("host certificate {}: {}", printable(path), blob.error().message));
  host_key.certificate = *std::move(blob);
  return host_key;
}

Result<HostKey> load(const std::string& file) {
  auto text = read_private_file(file, ssh::kMaxPrivateKeyFile);
  if (!text) return std::unexpected(text.error());
  auto key = ssh::PrivateKey::parse(text->expose());
  if (!key)
    return fail(key.error().code, fmt::format("host key {}: {}", file, key.error().message));
  return with_certificate({*std::move(key), file, std::nullopt});
}

Result<HostKey> make(const std::string& directory, const std::string& file) {
  if (auto made = make_private_directory(directory); !made) return std::unexpected(made.error());
  auto key = ssh::PrivateKey::generate_ed25519();
  if (!key) return std::unexpected(key.error());
  auto text = key->to_openssh_text("nigh host key");
  if (auto written = write_new_private_file(file, text.expose()); !written) {
    // Another server of this account may just have made it.
    if (::access(file.c_str(), F_OK) == 0) return load(file);
    return std::unexpected(written.error());
  }
  return HostKey{*std::move(key), file, std::nullopt};
}

}  // namespace

Result<HostKey> load_host_key(const std::string& file, const std::string& state_directory,
                              const std::string& ssh_directory) {
  if (!file.empty()) return load(file);
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    auto path = fmt::format("{}/ssh_host_{}_key", ssh_directory, type);
    if (::access(path.c_str(), R_OK) == 0) return load(path);
  }
  auto own = state_directory + "/host_key";
  if (::access(own.c_str(), F_OK) == 0) return load(own);
  return make(state_directory, own);
}

}  // namespace nigh::server
