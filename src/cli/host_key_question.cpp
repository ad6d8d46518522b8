// SPDX-License-Identifier: Apache-2.0
#include "cli/host_key_question.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "cli/console.hpp"
#include "cli/host_key_answer.hpp"

namespace nigh::cli {
namespace {

// One line of input; none: the terminal is gone or a signal ends us.
std::optional<std::string> read_line(int tty, Supervisor& supervisor) {
  std::array<pollfd, 2> ready{pollfd{tty, POLLIN, 0}, pollfd{supervisor.signal_fd(), POLLIN, 0}};
  for (;;) {
    if (::poll(ready.data(), ready.size(), -1) < 0) continue;
    supervisor.handle_signals();
    if (supervisor.ended()) return std::nullopt;
    if (ready[0].revents == 0) continue;
    std::array<char, 1024> line{};  // a terminal hands over whole lines
    auto n = ::read(tty, line.data(), line.size());
    if (n <= 0) return std::nullopt;
    std::string_view text(line.data(), static_cast<std::size_t>(n));
    return std::string(text.substr(0, text.find('\n')));
  }
}

std::string question(const UnknownHostKey& key, const std::string& host) {
  return fmt::format(
      "{} is not known yet (as {}).\n"
      "Its {} key is {}.\n"
      "On the host, `nigh serve` and `ssh-keygen -lf` show the same when it is the right one.\n"
      "Trust it from now on? (yes, no, or the fingerprint) ",
      printable(host), printable(key.host), printable(key.key_type), printable(key.fingerprint));
}

}  // namespace

Decision ask_about(const UnknownHostKey& key, const std::string& host, Supervisor& supervisor) {
  UniqueFd tty(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!tty.valid()) return Decision::nobody_to_ask;
  auto text = question(key, host);
  for (;;) {
    if (!write_all(tty.get(), text)) return Decision::nobody_to_ask;
    auto line = read_line(tty.get(), supervisor);
    if (!line) return Decision::declined;
    auto answer = host_key_answer(*line, key.fingerprint);
    if (answer == HostKeyAnswer::trust) return Decision::trusted;
    if (answer == HostKeyAnswer::refuse) return Decision::declined;
    text = "Please type yes, no, or the fingerprint: ";
  }
}

}  // namespace nigh::cli
