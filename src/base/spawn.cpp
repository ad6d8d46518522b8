// SPDX-License-Identifier: Apache-2.0
#include "base/spawn.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace nigh {
namespace {

// posix_spawn's two argument objects, freed together.
struct SpawnSetup {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnSetup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }

  void reset_signals(short extra_flags) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK |
                                                             POSIX_SPAWN_SETSIGDEF | extra_flags));
  }

  void use_terminal(const std::string& path) {
    // After setsid() the first terminal that is opened becomes the controlling one.
    posix_spawn_file_actions_addopen(&actions, 0, path.c_str(), O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, 0, 1);
    posix_spawn_file_actions_adddup2(&actions, 0, 2);
  }

  void use_descriptors(const std::array<int, 3>& from) {
    // dup2 clears FD_CLOEXEC, also (by POSIX_SPAWN's special case) onto the same number.
    for (int to = 0; to < 3; ++to) posix_spawn_file_actions_adddup2(&actions, from[to], to);
  }
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (const auto& s : strings) out.push_back(const_cast<char*>(s.c_str()));
  out.push_back(nullptr);
  return out;
}

bool is_executable_file(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Result<pid_t> spawn(const SpawnSpec& spec) {
  SpawnSetup setup;
  setup.reset_signals(spec.new_session || !spec.terminal.empty() ? POSIX_SPAWN_SETSID : 0);
  UniqueFd directory;
  if (!spec.directory.empty()) {
    directory = UniqueFd(::open(spec.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid())
      return fail_errno(fmt::format("cannot enter {}", printable(spec.directory)), errno);
    posix_spawn_file_actions_addfchdir_np(&setup.actions, directory.get());
  }
  if (spec.terminal.empty())
    setup.use_descriptors(spec.descriptors);
  else
    setup.use_terminal(spec.terminal);

  auto argv = pointers(spec.argv);
  auto environment = pointers(spec.environment);
  pid_t pid = -1;
  int error = posix_spawn(&pid, spec.program.c_str(), &setup.actions, &setup.attributes,
                          argv.data(), environment.data());
  if (error == EAGAIN)
    return fail(Errc::too_large, fmt::format("cannot run {}: there are as many processes as this "
                                             "account, or the machine, may have",
                                             printable(spec.program)));
  if (error != 0) return fail_errno(fmt::format("cannot run {}", printable(spec.program)), error);
  return pid;
}

Result<std::string> find_program(const std::string& name, std::string_view path) {
  if (name.find('/') != name.npos) return name;
  for (auto directory : split(path, ':')) {
    auto candidate = fmt::format("{}/{}", directory.empty() ? "." : directory, name);
    if (!name.empty() && is_executable_file(candidate)) return candidate;
  }
  return fail(Errc::not_found,
              fmt::format("cannot run {}: no such command in {}", printable(name), path));
}

}  // namespace nigh
