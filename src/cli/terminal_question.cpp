// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal_question.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>

#include "cli/console.hpp"

namespace nigh::cli {

TerminalQuestion::TerminalQuestion(Supervisor& supervisor)
    : supervisor_(supervisor), tty_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}

std::optional<std::string> TerminalQuestion::ask(std::string_view text) {
  if (!write_all(tty_.get(), text)) return std::nullopt;
  std::array<pollfd, 2> ready{pollfd{tty_.get(), POLLIN, 0},
                              pollfd{supervisor_.signal_fd(), POLLIN, 0}};
  for (;;) {
    if (::poll(ready.data(), ready.size(), -1) < 0) continue;
    supervisor_.handle_signals();
    if (supervisor_.ended()) {
      (void)write_all(tty_.get(), "\n");  // what comes next does not belong to the question
      return std::nullopt;
    }
    if (ready[0].revents == 0) continue;
    std::array<char, 1024> line{};  // a terminal hands over whole lines
    auto n = ::read(tty_.get(), line.data(), line.size());
    if (n <= 0) return std::nullopt;
    std::string_view typed(line.data(), static_cast<std::size_t>(n));
    return std::string(typed.substr(0, typed.find('\n')));
  }
}

}  // namespace nigh::cli
