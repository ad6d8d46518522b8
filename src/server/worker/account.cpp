// SPDX-License-Identifier: Apache-2.0
#include "server/worker/account.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace nigh::server {

Result<Account> own_account() {
  std::vector<char> buffer(16 * 1024);
  passwd entry{}, *found = nullptr;
  ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr)
    return fail(Errc::not_found, fmt::format("no account has the user id {}", ::getuid()));
  Account account{entry.pw_name, entry.pw_dir, entry.pw_shell, ::getuid() == 0};
  // A server started with another HOME (a test, a sandbox) means it for its commands too.
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') account.home = home;
  if (account.shell.empty()) account.shell = "/bin/sh";
  return account;
}

}  // namespace nigh::server
