// SPDX-License-Identifier: Apache-2.0
#include "server/worker/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "server/link/role_start.hpp"

namespace nigh::server {
namespace {

constexpr auto kUserPath = "/usr/local/bin:/usr/bin:/bin:/usr/games";
constexpr auto kRootPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

using Environment = std::map<std::string, std::string>;

std::pair<std::string, std::string> split_assignment(const std::string& assignment) {
  auto equals = assignment.find('=');
  if (equals == assignment.npos) return {assignment, ""};
  return {assignment.substr(0, equals), assignment.substr(equals + 1)};
}

bool is_harmless(const std::string& name) {
  return name == "LANG" || name == "COLORTERM" || name.starts_with("LC_");
}

// An agent that was forwarded, and not another socket of the account.
bool is_forwarded_agent(const std::string& path, const Account& account) {
  return !account.agents.empty() && path.starts_with(account.agents + "/") &&
         !path.contains("/../");
}

// What a shell would have been given to run this argv: for SSH_ORIGINAL_COMMAND only.
std::string as_one_line(const Start& start) {
  std::string line = start.command_line;
  for (const auto& word : start.argv) line += (line.empty() ? "" : " ") + word;
  return line;
}

bool asks_for_login_shell(const Start& start) {
  return start.argv.empty() && start.command_line.empty();
}

Environment login_environment(const Start& start, const ssh::KeyOptions& options,
                              const Account& account) {
  Environment env{{"HOME", account.home},
                  {"USER", account.name},
                  {"LOGNAME", account.name},
                  {"SHELL", account.shell},
                  {"PATH", account.is_root ? kRootPath : kUserPath}};
  for (const auto& assignment : start.environment) {
    auto [name, value] = split_assignment(assignment);
    if (!options.restricted || is_harmless(name) ||
        (name == "SSH_AUTH_SOCK" && options.agent_forwarding && is_forwarded_agent(value, account)))
      env[name] = value;
  }
  // The first of a name counts, as in sshd; and the owner of the key file has the last word.
  Environment from_key;
  for (const auto& assignment : options.environment) from_key.insert(split_assignment(assignment));
  for (auto& [name, value] : from_key) env[name] = value;
  env["NIGH_CONNECTION"] = env["SSH_CONNECTION"] = start.connection;
  if (options.command && !asks_for_login_shell(start))
    env["SSH_ORIGINAL_COMMAND"] = as_one_line(start);
  return env;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// As an absolute path: whoever starts the process has a directory of its own.
std::string below_home(const std::string& directory, const Account& account) {
  if (directory.empty()) return account.home;
  return directory.starts_with('/') ? directory : account.home + "/" + directory;
}

void use_shell(SpawnSpec& spec, const Account& account, const std::string& line) {
  spec.program = account.shell;
  spec.argv = {base_name(account.shell), "-c", line};
}

// By the dash a shell knows that it has to read the profile.
void use_login_shell(SpawnSpec& spec, const Account& account) {
  spec.program = account.shell;
  spec.argv = {"-" + base_name(account.shell)};
}

void set_environment(SpawnSpec& spec, const Environment& env) {
  for (const auto& [name, value] : env)
    spec.environment.push_back(fmt::format("{}={}", name, value));
}

}  // namespace

std::expected<void, Refusal> may_have_terminal(const ssh::KeyOptions& options) {
  if (options.pty) return {};
  return std::unexpected(
      Refusal{Trouble::not_permitted, "this key may not have a terminal (no-pty or restrict)"});
}

std::expected<SpawnSpec, Refusal> plan_process(const Start& start, const ssh::KeyOptions& options,
                                               const Account& account,
                                               const std::string& terminal_path) {
  auto env = login_environment(start, options, account);
  SpawnSpec spec;
  spec.new_session = true;
  spec.terminal = terminal_path;
  if (!terminal_path.empty()) {
    env["TERM"] = start.terminal->term;
    env["SSH_TTY"] = terminal_path;
  }
  const bool forced = options.command.has_value();
  spec.directory = forced ? account.home : below_home(start.directory, account);
  if (forced) {
    use_shell(spec, account, *options.command);
  } else if (asks_for_login_shell(start)) {
    use_login_shell(spec, account);
  } else if (start.argv.empty()) {
    use_shell(spec, account, start.command_line);
  } else {
    auto program = find_program(start.argv[0], env["PATH"]);
    if (!program) return std::unexpected(Refusal{Trouble::not_found, program.error().message});
    spec.program = *std::move(program);
    spec.argv = start.argv;
  }
  set_environment(spec, env);
  return spec;
}

std::expected<SpawnSpec, Refusal> plan_files(const StartFiles& start,
                                             const ssh::KeyOptions& options, const Account& account,
                                             const RoleProgram& files) {
  if (options.restricted || options.command)
    return std::unexpected(
        Refusal{Trouble::not_permitted, "this key is restricted and may not transfer files"});
  Start as_command;
  as_command.connection = start.connection;
  auto env = login_environment(as_command, options, account);
  for (const auto& assignment : role_environment()) env.insert(split_assignment(assignment));
  SpawnSpec spec;
  spec.program = files.path;
  spec.argv = {kFilesRole, files.log_level};
  spec.directory = account.home;
  spec.new_session = true;
  set_environment(spec, env);
  return spec;
}

}  // namespace nigh::server
