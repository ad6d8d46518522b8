// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <signal.h>

#include "server/front/process_streams.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;
constexpr auto kFromTermToKill = 5s;

}  // namespace

Start start_message(const Shared& shared, const Command& command) {
  Start start;
  start.grant = shared.login.grant;
  start.argv = command.argv;
  start.command_line = command.command_line;
  start.directory = command.directory;
  start.connection = shared.connection;
  for (const auto& [name, value] : command.environment)
    start.environment.push_back(fmt::format("{}={}", name, value));
  if (command.pty) {
    const auto& size = command.pty->size;
    start.terminal =
        Terminal{command.pty->term, size.columns, size.rows, size.width_pixels, size.height_pixels};
  }
  return start;
}

RemoteProcess::~RemoteProcess() {
  if (id_ != 0) shared_.worker.forget(id_);
  if (running_) shared_.worker.abandon(id_);
}

void RemoteProcess::start(const Command& command, WorkerAnswers& answers) {
  running_ = true;  // also while the answer is on its way: an abandoned start ends at once
  id_ = shared_.worker.ask(start_message(shared_, command), answers);
}

void RemoteProcess::start_files(WorkerAnswers& answers) {
  running_ = true;
  id_ = shared_.worker.ask(StartFiles{0, shared_.login.grant, shared_.connection}, answers);
}

void RemoteProcess::started(const Command& command) {
  if (command.time_limit) end_after(*command.time_limit, SIGTERM);
}

void RemoteProcess::end_after(std::chrono::milliseconds time, int signal) {
  limit_.expires_after(time);
  limit_.async_wait([this, signal](boost::system::error_code cancelled) {
    if (cancelled || !running_) return;
    timed_out_ = true;
    shared_.worker.signal(id_, signal);
    if (signal == SIGTERM) {
      shared_.worker.signal(id_, SIGCONT);
      end_after(kFromTermToKill, SIGKILL);
    }
  });
}

void RemoteProcess::signal(int number) {
  if (running_ && shared_.worker.has_room()) shared_.worker.signal(id_, number);
}

ExitStatus RemoteProcess::ended(const Exited& exited) {
  running_ = false;
  limit_.cancel();
  ExitStatus status;
  status.code = static_cast<int>(exited.code);
  if (exited.signal != 0) status.signal = run::signal_name(static_cast<int>(exited.signal));
  status.core_dumped = exited.core_dumped;
  status.timed_out = timed_out_;
  return status;
}

void RemoteProcess::forget() { running_ = false; }

}  // namespace nigh::server
