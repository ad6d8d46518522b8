// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "base/spawn.hpp"
#include "server/link/messages.hpp"
#include "server/worker/account.hpp"
#include "server/worker/refusal.hpp"
#include "ssh/key_options.hpp"

namespace nigh::server {

// What serves requests about files, or holds a session: argv is the role's name and the log level.
inline constexpr char kFilesRole[] = "nigh-files";
struct RoleProgram {
  std::string path = "/proc/self/exe";  // also after the file was replaced by an upgrade
  std::string log_level;
};

// What is run for a request by the holder of a key with these options: the policy, without doing
// it. A forced command (command=) takes the place of what was asked for, which it finds in
// SSH_ORIGINAL_COMMAND as with sshd. The environment is a login environment; what the client sent
// is added to it, but for restricted keys only its language and terminal,
// and where its agent is. `terminal_path` is empty
// without a pty.
std::expected<SpawnSpec, Refusal> plan_process(const Start& start, const ssh::KeyOptions& options,
                                               const Account& account,
                                               const std::string& terminal_path);

// The process that serves a request about files, for the holder of a key with these options: not
// for one whose key is restricted in any way, since no option of OpenSSH's allows it.
std::expected<SpawnSpec, Refusal> plan_files(const StartFiles& start,
                                             const ssh::KeyOptions& options, const Account& account,
                                             const RoleProgram& files);

// The same rule before a pty is made for it.
std::expected<void, Refusal> may_have_terminal(const ssh::KeyOptions& options);

}  // namespace nigh::server
