// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "cli/console.hpp"
#include "cli/terminal_modes.hpp"

namespace nigh::cli {
namespace {

// Of the whole process, because the terminal is: exit() reaches it without any object.
struct Kept {
  bool active = false;
  bool raw = false;
  std::optional<termios> mode;
  std::array<int, 3> flags{-1, -1, -1};
  const TerminalModes* modes = nullptr;
  bool undone = false;  // `modes`
};
Kept kept;

// TCSANOW: waiting for output would hang on a terminal that was stopped with ^S. With SIGTTOU
// blocked this works from the background as well.
void set_mode(const termios& mode) noexcept {
  sigset_t ttou, before;
  sigemptyset(&ttou);
  sigaddset(&ttou, SIGTTOU);
  ::pthread_sigmask(SIG_BLOCK, &ttou, &before);
  (void)::tcsetattr(STDIN_FILENO, TCSANOW, &mode);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void set_raw() noexcept {
  termios mode = *kept.mode;
  ::cfmakeraw(&mode);
  set_mode(mode);
}

// Nothing if that would block: the terminal was stopped (^S), or is gone.
void write_now(const std::string& text) {
  pollfd writable{STDOUT_FILENO, POLLOUT, 0};
  if (text.empty() || ::poll(&writable, 1, 0) != 1) return;
  if ((writable.revents & POLLOUT) != 0) (void)write_all(STDOUT_FILENO, text);
}

void undo_modes() {
  if (kept.modes == nullptr || kept.undone) return;
  kept.undone = true;
  write_now(kept.modes->undo());
}

void restore_at_exit() { TerminalKeeper::restore(); }

}  // namespace

std::optional<WindowSize> window_size() {
  for (int fd : {STDOUT_FILENO, STDIN_FILENO, STDERR_FILENO}) {
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0)
      return WindowSize{size.ws_col, size.ws_row, size.ws_xpixel, size.ws_ypixel};
  }
  return std::nullopt;
}

bool input_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }

Pty our_terminal() {
  Pty pty;
  if (const char* term = std::getenv("TERM"); term != nullptr && *term != '\0') pty.term = term;
  if (auto size = window_size()) pty.size = *size;
  return pty;
}

TerminalKeeper::TerminalKeeper() {
  [[maybe_unused]] static const int registered = std::atexit(restore_at_exit);
  kept = {.active = true};
  for (int fd = 0; fd < 3; ++fd) kept.flags[static_cast<std::size_t>(fd)] = ::fcntl(fd, F_GETFL);
  termios mode{};
  if (input_is_terminal() && ::tcgetattr(STDIN_FILENO, &mode) == 0) kept.mode = mode;
}

TerminalKeeper::~TerminalKeeper() { restore(); }

void TerminalKeeper::make_raw() {
  if (!kept.mode) return;
  kept.raw = true;
  set_raw();
}

void TerminalKeeper::undo_at_the_end(const TerminalModes& modes) {
  if (::isatty(STDOUT_FILENO) == 1) kept.modes = &modes;
}

void TerminalKeeper::suspend() noexcept {
  undo_modes();
  if (kept.raw) set_mode(*kept.mode);
  (void)::kill(0, SIGTSTP);  // as the terminal would have, at this key
  resumed();                 // perhaps at once: without a shell that could continue us
}

void TerminalKeeper::resumed() noexcept {
  bool foreground = ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
  if (!kept.active || !kept.raw || !foreground) return;
  set_raw();
  if (kept.modes != nullptr && std::exchange(kept.undone, false)) write_now(kept.modes->redo());
}

void TerminalKeeper::restore() noexcept {
  if (!kept.active) return;
  kept.active = false;
  undo_modes();
  kept.modes = nullptr;
  if (kept.raw) set_mode(*kept.mode);
  for (int fd = 0; fd < 3; ++fd) {
    int before = kept.flags[static_cast<std::size_t>(fd)];
    int now = ::fcntl(fd, F_GETFL);
    bool differs = before >= 0 && now >= 0 && ((before ^ now) & O_NONBLOCK) != 0;
    if (differs) (void)::fcntl(fd, F_SETFL, (now & ~O_NONBLOCK) | (before & O_NONBLOCK));
  }
}

}  // namespace nigh::cli
