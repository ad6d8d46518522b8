// SPDX-License-Identifier: Apache-2.0
// A way through a program whose standard input and output lead to the server: ssh_config's
// ProxyCommand, which is a line for the user's shell, as with ssh. The names in it have been held
// to an alphabet that means nothing to a shell (target.hpp).
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>

#include "base/spawn.hpp"
#include "client/kept_words.hpp"
#include "client/surroundings.hpp"
#include "client/way.hpp"
#include "io/process.hpp"

extern char** environ;

namespace nigh::client {
namespace {

SpawnSpec spec_for(const std::string& command, int socket) {
  auto shell = environment_variable("SHELL").value_or("");
  SpawnSpec spec;
  spec.program = shell.starts_with('/') ? shell : "/bin/sh";
  spec.argv = {spec.program, "-c", "exec " + command};
  for (char** entry = environ; entry && *entry; ++entry) spec.environment.emplace_back(*entry);
  spec.descriptors = {socket, socket, STDERR_FILENO};
  // What interrupts the remote command must not end the way to it.
  spec.new_session = true;
  return spec;
}

// Also when this program ends, and with it the event loop.
class HangUp {
 public:
  explicit HangUp(io::Child& child) : child_(child) {}
  ~HangUp() {
    if (child_.running()) child_.signal(SIGHUP);
  }
  HangUp(const HangUp&) = delete;
  HangUp& operator=(const HangUp&) = delete;

 private:
  io::Child& child_;
};

// It ends by itself when its input does, or is ended when its passenger is forgotten.
awaitable<void> attend(pid_t pid, std::shared_ptr<Passenger> passenger) {
  auto executor = co_await asio::this_coro::executor;
  io::Wake ended(executor);
  io::Child child(executor, pid, [&ended](io::ChildStatus) { ended.notify(); });
  HangUp at_the_end(child);
  co_await io::until_either(ended.wait(), passenger->until_forgotten());
  if (child.running()) {
    child.signal(SIGHUP);
    co_await ended.wait();
  }
  passenger->arrive();
}

}  // namespace

awaitable<Way> run_proxy_command(Endpoint endpoint) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw Failure(errno_error("cannot make a socket", errno));
  UniqueFd ours(ends[0]), its(ends[1]);
  auto pid = spawn(spec_for(endpoint.proxy_command, its.get()));
  if (!pid)
    throw Failure(pid.error().code,
                  fmt::format("cannot run the ProxyCommand: {}", pid.error().message));
  auto executor = co_await asio::this_coro::executor;
  auto passenger = std::make_shared<Passenger>(executor);
  LoopWays::of(executor).add(passenger);
  io::spawn_logged(executor, "ProxyCommand", attend(*pid, passenger));
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  co_return Way{dressed(executor, std::move(ours)), ticket_for(std::move(passenger))};
}

}  // namespace nigh::client
