// SPDX-License-Identifier: Apache-2.0
#include "cli/contact_lines.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "base/text.hpp"
#include "cli/console.hpp"

namespace nigh::cli {

ContactLines::ContactLines(async::Process& process, std::string host, bool verbose, Show how)
    : process_(process),
      host_(std::move(host)),
      verbose_(verbose),
      terminal_(::isatty(STDERR_FILENO) == 1),
      on_screen_(how == Show::screen && terminal_ && !verbose),
      display_(host_, "^C^C") {
  ContactEvents events;
  events.on_lost = [this](std::string why) { lost(std::move(why)); };
  events.on_waiting = [this](std::chrono::milliseconds since) { waiting(since); };
  events.on_resumed = [this] { resumed(); };
  events.on_notice = [this](const std::string& text) {
    complain(fmt::format("{}: {}", printable(host_), text));
  };
  process_.on_contact(std::move(events));
}

ContactLines::~ContactLines() {
  process_.on_contact({});
  display_.clear();
}

void ContactLines::lost(std::string why) {
  why_ = std::move(why);
  if (verbose_) tell_lost();
}

void ContactLines::waiting(std::chrono::milliseconds since) {
  if (on_screen_)
    display_.show(since);
  else if (terminal_ && !told_)
    tell_lost();
}

void ContactLines::tell_lost() {
  told_ = true;
  complain(fmt::format("{}: no contact, trying again: {}", printable(host_), printable(why_)));
}

void ContactLines::resumed() {
  display_.clear();
  if (std::exchange(told_, false)) complain(fmt::format("{}: contact is back", printable(host_)));
}

}  // namespace nigh::cli
