// SPDX-License-Identifier: Apache-2.0
#include "client/surroundings.hpp"

#include <limits.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <vector>

namespace nigh::client {
namespace {

struct Account {
  std::string name;
  std::string home;
};

// `look_up` is getpwuid_r or getpwnam_r.
template <class Key>
std::optional<Account> account(int (*look_up)(Key, passwd*, char*, std::size_t, passwd**),
                               Key key) {
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (look_up(key, &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
    return std::nullopt;
  return Account{entry.pw_name, entry.pw_dir};
}

std::optional<std::string> home_of(const std::string& user) {
  auto found = account(getpwnam_r, user.c_str());
  if (!found) return std::nullopt;
  return found->home;
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

}  // namespace

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (!value) return std::nullopt;
  return value;
}

Surroundings surroundings() {
  Surroundings s;
  s.environment = environment_variable;
  s.home_of = home_of;
  s.uid = getuid();
  s.local_host = host_name();
  auto self = account(getpwuid_r, static_cast<uid_t>(s.uid));
  auto home = environment_variable("HOME").value_or("");
  s.account_home = self ? self->home : "";
  s.home = home.starts_with('/') ? home : self ? self->home : "/";
  // In a container the uid may have no entry; then $USER is the best there is.
  s.local_user = self ? self->name : environment_variable("USER").value_or("");
  auto config = environment_variable("XDG_CONFIG_HOME").value_or("");
  s.config_home = config.starts_with('/') ? config : s.home + "/.config";
  return s;
}

}  // namespace nigh::client
