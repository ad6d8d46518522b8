// SPDX-License-Identifier: Apache-2.0
#include "cli/contact_display.hpp"

#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "cli/console.hpp"
#include "cli/contact_line.hpp"
#include "cli/terminal.hpp"

namespace nigh::cli {
namespace {

bool error_is_screen() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

}  // namespace

ContactDisplay::ContactDisplay(std::string host, std::string way_out)
    : host_(std::move(host)), way_out_(std::move(way_out)), able_(error_is_screen()) {}

void ContactDisplay::show(std::chrono::milliseconds since) {
  auto window = window_size();
  if (!able_ || !window || window->columns < 2 || window->rows == 0) return;
  auto text = contact_text(host_, since, way_out_, window->columns - 1u);
  bool same_place = text.size() == shown_.size() && window->columns == window_.columns &&
                    window->rows == window_.rows;
  if (!same_place) clear();
  if (text.empty()) return;
  shown_ = std::move(text);
  window_ = *window;
  write(draw_at_bottom(shown_, window_));
}

void ContactDisplay::clear() {
  if (!shown_.empty()) write(erase_at_bottom(std::exchange(shown_, {}), window_));
}

void ContactDisplay::write(const std::string& text) {
  pollfd writable{STDERR_FILENO, POLLOUT, 0};
  bool ready = ::poll(&writable, 1, 0) == 1 && (writable.revents & POLLOUT) != 0;
  if (ready) (void)write_all(STDERR_FILENO, text);
}

}  // namespace nigh::cli
