// SPDX-License-Identifier: Apache-2.0
#include "cli/style.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace nigh::cli {

Style Style::of(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  bool wanted = no_color == nullptr || *no_color == '\0';
  bool able = term != nullptr && std::string_view(term) != "dumb";
  return Style(wanted && able && ::isatty(fd) == 1);
}

std::string Style::paint(std::string_view code, std::string_view text) const {
  return on_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

}  // namespace nigh::cli
