// SPDX-License-Identifier: Apache-2.0
#include "ssh/ssh_config_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace nigh::ssh {
namespace {

std::unexpected<Error> cannot_read(const std::string& path, int error_number) {
  return fail_errno("cannot read " + printable(path), error_number);
}

Result<std::string> read_all(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd.valid()) return cannot_read(path, errno);
  struct stat info{};
  if (fstat(fd.get(), &info) != 0) return cannot_read(path, errno);
  // A directory or a pipe would not end, or not start; a glob may well name a directory.
  if (!S_ISREG(info.st_mode)) return "";
  std::string text;
  char chunk[16 * 1024];
  for (;;) {
    auto n = ::read(fd.get(), chunk, sizeof chunk);
    if (n < 0) return cannot_read(path, errno);
    if (n == 0) return text;
    text.append(chunk, static_cast<std::size_t>(n));
    if (text.size() > kMaxSshConfigFile)
      return fail(Errc::too_large,
                  fmt::format("{} is over {} MiB", printable(path), kMaxSshConfigFile >> 20));
  }
}

std::vector<std::string> find_names(const std::string& pattern) {
  struct stat info{};
  if (stat(pattern.c_str(), &info) == 0) return {pattern};
  glob_t found{};
  std::vector<std::string> names;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    names.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return names;
}

Result<std::vector<ConfigText>> read_pattern(const std::string& pattern) {
  std::vector<ConfigText> files;
  for (auto& name : find_names(pattern)) {
    auto text = read_all(name);
    if (!text) return std::unexpected(text.error());
    files.push_back({std::move(name), *std::move(text)});
  }
  return files;
}

struct Account {
  std::string name, home;
};

// `look_up` is getpwnam_r or getpwuid_r. nullopt: there is no such account, or no telling.
template <class LookUp, class Key>
std::optional<Account> find_account(LookUp look_up, Key key) {
  passwd entry{};
  passwd* found = nullptr;
  std::string strings(16 * 1024, '\0');  // names and paths of one account; more is not an account
  if (look_up(key, &entry, strings.data(), strings.size(), &found) != 0 || !found)
    return std::nullopt;
  return Account{entry.pw_name, entry.pw_dir};
}

std::optional<std::string> home_of(const std::string& user) {
  auto account = find_account(getpwnam_r, user.c_str());
  if (!account) return std::nullopt;
  return account->home;
}

std::optional<std::string> environment(const std::string& name) {
  auto* value = getenv(name.c_str());
  if (!value) return std::nullopt;
  return value;
}

}  // namespace

ConfigReader config_files() { return read_pattern; }

Result<SshConfigQuery> local_config_query(std::string host, std::optional<std::string> user) {
  auto account = find_account(getpwuid_r, getuid());
  if (!account) return fail(Errc::system, fmt::format("user id {} has no account here", getuid()));
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return fail_errno("cannot ask the host name", errno);
  return SshConfigQuery{.host = std::move(host),
                        .user = std::move(user),
                        .home = account->home,
                        .local_user = account->name,
                        .local_host = name,
                        .uid = getuid(),
                        .environment = environment,
                        .home_of = home_of};
}

}  // namespace nigh::ssh
