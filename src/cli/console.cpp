// SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/text.hpp"
#include "cli/style.hpp"

namespace nigh::cli {

std::size_t text_columns(int fd) {
  winsize size{};
  if (::isatty(fd) != 1 || ::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return std::clamp<std::size_t>(size.ws_col, 10, 100);
}

Result<void> write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("cannot write the output", errno);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

int print(std::string_view text, int failure) {
  auto written = write_all(STDOUT_FILENO, text);
  if (written) return 0;
  if (written.error().code == Errc::closed) return 128 + 13;  // SIGPIPE
  complain(written.error().message);
  return failure;
}

void complain(std::string_view message) {
  tell(fmt::format("{} {}", Style::of(STDERR_FILENO).bad("nigh:"), printable(message)));
}

void tell(std::string_view line) {
  // Nothing can be done when standard error is gone.
  (void)write_all(STDERR_FILENO, std::string(line) + '\n');
}

}  // namespace nigh::cli
