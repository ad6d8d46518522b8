// SPDX-License-Identifier: Apache-2.0
#include "server/host_key.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/private_file.hpp"

namespace nigh::server {
namespace {

Result<HostKey> load(const std::string& file) {
  auto text = read_private_file(file, ssh::kMaxPrivateKeyFile);
  if (!text) return std::unexpected(text.error());
  auto key = ssh::PrivateKey::parse(text->expose());
  if (!key) return fail(key.error().code, fmt::format("host key {}: {}", file, key.error().message));
  return HostKey{*std::move(key), file};
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
  return HostKey{*std::move(key), file};
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
