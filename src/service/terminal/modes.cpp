// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/modes.hpp"

#include <fmt/format.h>

#include <iterator>

namespace nigh::terminal {
namespace {

bool changes_printing(std::size_t mode) {
  return mode == kInsert || mode == kNewLine || mode == kAutowrap || mode == kSideMargins;
}

}  // namespace

Modes::Modes() {
  for (std::size_t mode = 0; mode < kModes.size(); ++mode) on_[mode] = kModes[mode].is_standard_on;
  saved_ = on_;
}

void Modes::set(std::size_t mode, bool on) {
  if (mode >= kModes.size()) return;
  if (const auto group = kModes[mode].group; group != ModeFact::Group::none) {
    for (std::size_t other = 0; other < kModes.size(); ++other) {
      if (kModes[other].group == group) on_[other] = false;
    }
  }
  on_[mode] = on;
  touched_[mode] = true;
}

void Modes::reset() {
  const auto touched = touched_;
  *this = Modes();
  touched_ = touched;
}

void Modes::append(std::string& out, std::size_t mode) const {
  if (!touched_[mode]) return;
  if (mode == kKeypad) {
    out += on_[mode] ? "\x1b=" : "\x1b>";  // known to more terminals than the number
    return;
  }
  fmt::format_to(std::back_inserter(out), "\x1b[{}{}{}", kModes[mode].is_private ? "?" : "",
                 kModes[mode].number, on_[mode] ? 'h' : 'l');
}

// What is off first: in many terminals, turning off one kind of mouse reports turns off them all.
void Modes::append(std::string& out) const {
  for (const bool on : {false, true}) {
    for (std::size_t mode = 0; mode < kModes.size(); ++mode) {
      if (on_[mode] == on && !changes_printing(mode)) append(out, mode);
    }
  }
}

}  // namespace nigh::terminal
