// SPDX-License-Identifier: Apache-2.0
#include "client/ssh_tools.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/spawn.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "client/surroundings.hpp"
#include "io/process.hpp"
#include "io/runtime.hpp"

extern char** environ;

namespace nigh::client {
namespace {

using namespace std::chrono_literals;

constexpr auto kConfigLimit = 5s;  // CanonicalizeHostname and Match exec may take a while
constexpr std::size_t kMaxOutput = 1024 * 1024;

std::vector<std::string> our_environment() {
  std::vector<std::string> variables;
  for (char** entry = environ; entry && *entry; ++entry) variables.emplace_back(*entry);
  return variables;
}

// nullopt: not installed.
std::optional<SpawnSpec> tool(std::vector<std::string> argv) {
  auto path = environment_variable("PATH").value_or("/usr/bin:/bin");
  auto program = find_program(argv[0], path);
  if (!program) return std::nullopt;
  SpawnSpec spec;
  spec.program = *std::move(program);
  spec.argv = std::move(argv);
  spec.environment = our_environment();
  return spec;
}

}  // namespace

awaitable<std::optional<std::string>> ask_ssh_for_config(std::string host,
                                                         std::optional<std::string> user,
                                                         std::string config_file) {
  std::vector<std::string> argv{"ssh", "-G", "-T"};  // -T: no remark about the terminal
  if (!config_file.empty()) argv.insert(argv.end(), {"-F", config_file});
  if (user) argv.insert(argv.end(), {"-l", *user});
  argv.insert(argv.end(), {"--", host});
  auto spec = tool(std::move(argv));
  if (!spec) co_return std::nullopt;
  auto task = io::run_helper(*std::move(spec), "", kMaxOutput);
  auto result = co_await io::with_timeout(
      std::move(task), kConfigLimit,
      fmt::format("`ssh -G {}` (asked because ssh_config has Match blocks) did not answer within "
                  "{} s",
                  host, kConfigLimit.count()));
  if (result.status.signal != 0 || result.status.code != 0)
    throw Failure(Errc::usage, fmt::format("`ssh -G {}` failed, so ssh_config's answer is not "
                                           "known; its reason stands above",
                                           host));
  co_return std::move(result.output);
}

bool somebody_can_be_asked() {
  if (UniqueFd(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)).valid()) return true;
  auto required = environment_variable("SSH_ASKPASS_REQUIRE").value_or("");
  return environment_variable("SSH_ASKPASS") &&
         (environment_variable("DISPLAY") || required == "force" || required == "prefer");
}

awaitable<std::string> sign_with_ssh_keygen(std::string key_file, std::string name_space,
                                            std::string data) {
  auto spec = tool({"ssh-keygen", "-Y", "sign", "-n", name_space, "-f", key_file});
  if (!spec)
    throw Failure(
        Errc::unsupported,
        fmt::format("the key {} needs ssh-keygen, which is not installed", printable(key_file)));
  auto result = co_await io::run_helper(*std::move(spec), std::move(data), kMaxOutput);
  if (result.status.signal != 0 || result.status.code != 0)
    throw Failure(Errc::refused, fmt::format("ssh-keygen did not sign with {}; its reason stands "
                                             "above",
                                             printable(key_file)));
  co_return std::move(result.output);
}

}  // namespace nigh::client
