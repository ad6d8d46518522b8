// SPDX-License-Identifier: Apache-2.0
#include "service/run/process_pump.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "io/pty.hpp"

namespace nigh::run {
namespace {

UniqueFd duplicate(const UniqueFd& fd) { return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3)); }

}  // namespace

void ProcessPump::attach(std::vector<UniqueFd> descriptors, const StartedNote& note) {
  attached_ = true;
  window_ = std::max<std::uint64_t>(note.input_window, kEarlyInput);
  const bool is_terminal = descriptors.size() == 1;
  if (is_terminal) {
    terminal_ = duplicate(descriptors[0]);
    descriptors.push_back(duplicate(descriptors[0]));
  }
  body_.push(frame(Frame::started, encode_started({note.id, window_})));
  auto on_end = [this] { end_if_complete(); };
  body_.add(Frame::stdout_data, std::move(descriptors[1]), on_end);
  if (!is_terminal) body_.add(Frame::stderr_data, std::move(descriptors[2]), on_end);
  // A command that no longer reads gets no more ACKs, so its input stops flowing.
  stdin_.emplace(
      executor_, std::move(descriptors[0]),
      io::FdSink::Events{[this](std::size_t n) { on_input_written(n); }, [](int) {}, [] {}});
  stdin_->write(std::exchange(early_input_, {}));
  if (std::exchange(input_ended_, false)) input_ended();
}

void ProcessPump::preload(std::string input) {
  early_input_ = std::move(input);
  input_ended_ = true;
}

Result<void> ProcessPump::input(std::string_view piece) {
  received_ += piece.size();
  if (received_ - written_ > window_)
    return fail(Errc::too_large, "session: more STDIN than the window allows");
  if (attached_)
    stdin_->write(piece);
  else
    early_input_ += piece;
  return {};
}

void ProcessPump::on_input_written(std::size_t count) {
  written_ += count;
  if (written_ - acknowledged_ < window_ / 4) return;
  acknowledged_ = written_;
  body_.push(frame(Frame::ack, encode_ack(written_)));
}

void ProcessPump::input_ended() {
  input_ended_ = true;
  if (!attached_) return;
  if (terminal_.valid()) end_terminal_input();
  stdin_->finish();
}

// A terminal has no end of file of its own: its line discipline makes one of the EOF character.
// Two, because the first only ends a line that was begun.
void ProcessPump::end_terminal_input() {
  termios mode{};
  if (::tcgetattr(terminal_.get(), &mode) != 0 || (mode.c_lflag & ICANON) == 0) return;
  const char eof[] = {static_cast<char>(mode.c_cc[VEOF]), static_cast<char>(mode.c_cc[VEOF])};
  stdin_->write({eof, sizeof eof});
}

void ProcessPump::resize(const WindowSize& size) {
  if (terminal_.valid()) io::set_window_size(terminal_.get(), size);
}

void ProcessPump::output_closed(Frame type) {
  body_.drop(type);
  end_if_complete();
}

void ProcessPump::exited(const ExitStatus& status) {
  exit_ = status;
  // Whoever else holds the terminal open is not waited for; a pipe is read to its end, as its
  // writers may still have something to say.
  if (terminal_.valid()) body_.end_after_drain();
  end_if_complete();
}

void ProcessPump::end_if_complete() {
  if (complete_ || !exit_ || body_.has(Frame::stdout_data) || body_.has(Frame::stderr_data)) return;
  complete_ = true;
  body_.push(frame(Frame::exit, encode_exit(*exit_)));
  body_.finish();
}

}  // namespace nigh::run
