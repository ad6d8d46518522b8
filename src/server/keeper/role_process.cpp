// SPDX-License-Identifier: Apache-2.0
#include "server/keeper/role_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/spawn.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;
constexpr auto kYoung = 1s;
constexpr auto kPause = 1s;
constexpr int kToleratedYoungDeaths = 3;

}  // namespace

Result<void> RoleProcess::start(Time now) {
  restart_at_ = now + kPause;  // if this fails
  auto ends = Link::make_pair();
  if (!ends) return std::unexpected(ends.error());
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  SpawnSpec spec;
  spec.program = "/proc/self/exe";  // also after the file was replaced by an upgrade
  spec.argv = {role_, log_level_};
  spec.environment = environment_;
  spec.descriptors = {ends->second.get(), null.get(), STDERR_FILENO};
  spec.new_session = true;  // Ctrl-C is for the keeper, which tells the others in order
  auto pid = spawn(spec);
  if (!pid) return std::unexpected(pid.error());
  pid_ = *pid;
  link_.emplace(std::move(ends->first));
  started_ = now;
  return {};
}

void RoleProcess::kill(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

void RoleProcess::ended(Time now) {
  link_.reset();
  // Its link broke, so it is dead or useless; never two at once.
  kill(SIGKILL);
  if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  young_deaths_ = now - started_ < kYoung ? young_deaths_ + 1 : 0;
  restart_at_ = young_deaths_ > kToleratedYoungDeaths ? now + kPause : now;
}

}  // namespace nigh::server
