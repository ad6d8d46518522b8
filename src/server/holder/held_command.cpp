// SPDX-License-Identifier: Apache-2.0
#include "server/holder/held_command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "io/pty.hpp"
#include "service/run/messages.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

constexpr auto kFromTermToKill = 5s;
// Of the pipes of a command. An account has a quota of them, and may have many sessions that stay;
// others are no more than the commands that run, and have as much as without a holder.
constexpr std::size_t kPipeCapacity = 1024 * 1024;
constexpr std::size_t kLastingCapacity = 256 * 1024;
constexpr std::size_t kErrorCapacity = 64 * 1024;

UniqueFd duplicate(const UniqueFd& fd) { return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3)); }

}  // namespace

Result<pid_t> HeldCommand::start(const HoldCommand& command, UniqueFd terminal) {
  SpawnSpec spec;
  spec.program = command.program;
  spec.argv = command.argv;
  spec.environment = command.environment;
  spec.directory = command.directory;
  spec.terminal = command.terminal;
  spec.new_session = true;
  std::array<UniqueFd, 3> childs;  // until it has them
  if (terminal.valid()) {
    add_input(duplicate(terminal));
    add_output(Channel::out, duplicate(terminal));
    terminal_ = std::move(terminal);
  } else {
    if (auto opened = open_pipes(childs, lasts(command.facts) ? kLastingCapacity : kPipeCapacity);
        !opened)
      return std::unexpected(opened.error());
    for (std::size_t i = 0; i < childs.size(); ++i) spec.descriptors[i] = childs[i].get();
  }
  auto pid = spawn(spec);
  if (!pid) return pid;
  child_.emplace(executor_, *pid, [this](io::ChildStatus status) { exited(status); });
  if (command.time_limit_ms) end_after(std::chrono::milliseconds(*command.time_limit_ms), SIGTERM);
  return pid;
}

Result<void> HeldCommand::open_pipes(std::array<UniqueFd, 3>& childs, std::size_t capacity) {
  auto in = io::make_pipe(io::OurEnd::writer, capacity);
  if (!in) return std::unexpected(in.error());
  auto out = io::make_pipe(io::OurEnd::reader, capacity);
  if (!out) return std::unexpected(out.error());
  auto err = io::make_pipe(io::OurEnd::reader, kErrorCapacity);
  if (!err) return std::unexpected(err.error());
  add_input(std::move(in->writer));
  add_output(Channel::out, std::move(out->reader));
  add_output(Channel::err, std::move(err->reader));
  childs = {std::move(in->reader), std::move(out->writer), std::move(err->writer)};
  return {};
}

void HeldCommand::add_output(Channel output, UniqueFd fd) {
  auto& added = outputs_[index(output)];
  added.source.emplace(executor_, std::move(fd), [this, &added] {
    added.waiting = false;
    events_.on_ready();
  });
}

void HeldCommand::add_input(UniqueFd fd) {
  input_.emplace(executor_, std::move(fd), io::Readiness::For::writing, [this] {
    input_waiting_ = false;
    events_.on_ready();
  });
}

// ---- output ------------------------------------------------------------------------------------

bool HeldCommand::may_read(Channel output) const {
  const auto& from = outputs_[index(output)];
  return from.source && !from.waiting;
}

io::FdSource::Read HeldCommand::read(Channel output, std::span<char> into) {
  auto& from = outputs_[index(output)];
  auto got = from.source->read(into);
  from.waiting = got.size == 0 && !got.ended;
  if (got.ended) from.source.reset();
  return got;
}

// ---- input -------------------------------------------------------------------------------------

std::size_t HeldCommand::write(std::string_view bytes) {
  while (input_ && !input_waiting_ && !bytes.empty()) {
    auto n = ::write(input_->fd(), bytes.data(), bytes.size());
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno == EAGAIN) {
      input_waiting_ = true;
      input_->arm();
    } else if (errno != EINTR) {
      input_.reset();
    }
  }
  return 0;
}

// A terminal has no end of file of its own: its line discipline makes one of the EOF character, and
// a program that reads keys would take it for one. Two, because the first only ends a line that was
// begun.
bool HeldCommand::end_input() {
  if (!is_terminal()) {
    input_.reset();
    return true;
  }
  termios mode{};
  if (::tcgetattr(terminal_.get(), &mode) != 0 || (mode.c_lflag & ICANON) == 0) return true;
  const char eof[] = {static_cast<char>(mode.c_cc[VEOF]), static_cast<char>(mode.c_cc[VEOF])};
  return write({eof, sizeof eof}) > 0 || !input_open();
}

// ---- the process -------------------------------------------------------------------------------

void HeldCommand::signal(int number) const {
  if (child_) child_->signal(number);
}

void HeldCommand::hang_up() const {
  signal(SIGHUP);
  signal(SIGCONT);  // a stopped process would not notice
}

void HeldCommand::resize(const WindowSize& size) const {
  if (is_terminal()) io::set_window_size(terminal_.get(), size);
}

void HeldCommand::end_after(std::chrono::milliseconds time, int number) {
  limit_.expires_after(time);
  limit_.async_wait([this, number](boost::system::error_code cancelled) {
    if (cancelled || !running()) return;
    timed_out_ = true;
    signal(number);
    if (number != SIGTERM) return;
    signal(SIGCONT);
    end_after(kFromTermToKill, SIGKILL);
  });
}

void HeldCommand::exited(io::ChildStatus status) {
  limit_.cancel();
  for (auto& output : outputs_) output.waiting = false;  // there may be an end to find now
  ExitStatus exit;
  exit.code = status.code;
  if (status.signal != 0) exit.signal = run::signal_name(status.signal);
  exit.core_dumped = status.core_dumped;
  exit.timed_out = timed_out_;
  events_.on_exit(exit);
}

}  // namespace nigh::server
