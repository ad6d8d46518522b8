// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "service/terminal/terminal.hpp"

namespace nigh::terminal {
namespace {

constexpr int kOriginMode = 6;
constexpr int kAlternatePages[] = {47, 1047, 1049};
constexpr int kSavedCursor = 1048;
constexpr std::size_t kMaxStack = 16;  // of titles and of keyboard flags
constexpr std::size_t kMaxTitle = 1024;

// A title as it can be sent again: nothing in it may end the sequence.
std::string clean_title(std::string_view text) {
  std::string title(text.substr(0, kMaxTitle));
  std::erase_if(title, [](char byte) { return byte == 0x7f; });
  return title;
}

}  // namespace

void Terminal::on_escape(char intermediate, char final) {
  interrupt_text();
  last_character_ = 0;
  Cursor& cursor = state_.cursor;
  if (intermediate >= '(' && intermediate <= '+') {
    cursor.charsets.designated[static_cast<std::size_t>(intermediate - '(')] = final;
    return;
  }
  if (intermediate == '#' && final == '8') {  // the alignment pattern
    state_.margins = state_.page().whole();
    go_home();
    state_.page().fill(state_.margins, Cell{{U'E'}, Style{}});
  }
  if (intermediate != 0) return;
  switch (final) {
    case '7':
      save_cursor();
      break;
    case '8':
      restore_cursor();
      break;
    case 'D':
      line_feed();
      break;
    case 'E':
      carriage_return();
      line_feed();
      break;
    case 'H':
      state_.tab_stops[static_cast<std::size_t>(cursor.column)] = true;
      state_.has_own_tab_stops = true;
      break;
    case 'M':
      reverse_line_feed();
      break;
    case 'N':
      single_shift_ = 2;
      break;
    case 'O':
      single_shift_ = 3;
      break;
    case 'n':
      cursor.charsets.used = 2;
      break;
    case 'o':
      cursor.charsets.used = 3;
      break;
    case 'c':
      reset();
      break;
    case '=':
      state_.modes.set(kKeypad, true);
      break;
    case '>':
      state_.modes.set(kKeypad, false);
      break;
    default:
      break;
  }
}

void Terminal::on_mode_sequence(const Sequence& sequence) {
  const bool is_private = sequence.leader == '?';
  const auto for_each = [&](auto act) {
    for (std::size_t at = 0; at < sequence.count; ++at) act(sequence.value(at, 0));
  };
  switch (sequence.key()) {
    case Sequence::key(0, 0, 'h'):
    case Sequence::key('?', 0, 'h'):
      for_each([&](int number) { set_mode(is_private, number, true); });
      break;
    case Sequence::key(0, 0, 'l'):
    case Sequence::key('?', 0, 'l'):
      for_each([&](int number) { set_mode(is_private, number, false); });
      break;
    case Sequence::key('?', 0, 's'):
      for_each([&](int number) {
        if (const auto mode = find_mode(true, number); mode < kModes.size()) {
          state_.modes.save(mode);
        }
      });
      break;
    case Sequence::key('?', 0, 'r'):
      for_each([&](int number) {
        if (const auto mode = find_mode(true, number); mode < kModes.size()) {
          set_mode(true, number, state_.modes.is_saved_on(mode));
        }
      });
      break;
    case Sequence::key(0, '!', 'p'):
      reset_softly();
      break;
    case Sequence::key('>', 0, 'm'):
      if (sequence.value(0, 0) == 4) state_.modify_other_keys = sequence.value(1, -1);
      break;
    case Sequence::key('>', 0, 'n'):
      if (sequence.value(0, 0) == 4) state_.modify_other_keys = -1;
      break;
    case Sequence::key('>', 0, 'u'):
    case Sequence::key('<', 0, 'u'):
    case Sequence::key('=', 0, 'u'):
      set_keyboard(sequence);
      break;
    case Sequence::key(0, 0, 't'):
      stack_titles(sequence);
      break;
    case Sequence::key(0, 0, 'g'):
      set_tab(sequence);
      break;
    default:
      break;
  }
}

void Terminal::set_mode(bool is_private, int number, bool on) {
  Cursor& cursor = state_.cursor;
  const bool is_alternate =
      is_private && std::ranges::find(kAlternatePages, number) != std::end(kAlternatePages);
  const bool saves = is_private && (number == kSavedCursor || number == 1049);
  if (saves && on && !(is_alternate && state_.alternate)) save_cursor();
  if (is_alternate) show_alternate(on);
  if (saves && !on) restore_cursor();
  if (is_private && number == kOriginMode) {
    cursor.is_origin_mode = on;
    go_home();
  }
  const std::size_t mode = find_mode(is_private, number);
  if (mode == kModes.size()) return;
  state_.modes.set(mode, on);
  if (mode == kAutowrap && !on) cursor.is_wrap_due = false;
  if (mode == kSideMargins) {
    state_.margins.left = 0;
    state_.margins.right = state_.page().columns();
  }
}

void Terminal::show_alternate(bool alternate) {
  if (alternate == state_.alternate.has_value()) return;
  if (alternate) {
    state_.alternate.emplace(state_.primary.rows(), state_.primary.columns());
    if (state_.cursor.pen.background != Colour{}) {
      state_.alternate->fill(state_.alternate->whole(), blank());
    }
    state_.pages[1] = {};
  } else {
    state_.alternate.reset();
  }
  state_.cursor.is_wrap_due = false;
}

void Terminal::restore_cursor() {
  const auto& saved = state_.page_state().saved;
  state_.cursor = saved ? *saved : Cursor{};
  // Saved at another size or with other margins.
  state_.cursor.row = std::min(state_.cursor.row, state_.page().rows() - 1);
  state_.cursor.column = std::min(state_.cursor.column, state_.page().columns() - 1);
  if (state_.cursor.is_origin_mode) {
    const Area& margins = state_.margins;
    state_.cursor.row = std::clamp(state_.cursor.row, margins.top, margins.bottom - 1);
    state_.cursor.column = std::clamp(state_.cursor.column, margins.left, margins.right - 1);
  }
  const Cursor& cursor = state_.cursor;
  const bool is_written = !state_.page().row(cursor.row)[cursor.column].is_erased();
  if (cursor.column + 1 != print_limit() || !is_written) state_.cursor.is_wrap_due = false;
}

// What DECSTR resets, and what xterm does with it.
void Terminal::reset_softly() {
  Cursor& cursor = state_.cursor;
  cursor.is_origin_mode = false;
  cursor.is_wrap_due = false;
  cursor.pen = Style{};
  cursor.charsets = Charsets{};
  for (const auto mode :
       {kInsert, kAutowrap, kKeypad, kSideMargins, find_mode(true, 1), find_mode(true, 25)}) {
    state_.modes.reset(mode);
  }
  state_.margins = state_.page().whole();
  state_.page_state().saved.reset();
}

void Terminal::reset() {
  const int rows = state_.primary.rows();
  const int columns = state_.primary.columns();
  state_.alternate.reset();
  state_.primary = Page(rows, columns);
  state_.margins = state_.primary.whole();
  state_.cursor = Cursor{};
  state_.pages = {};
  state_.modes.reset();
  for (std::size_t column = 0; column < state_.tab_stops.size(); ++column) {
    state_.tab_stops[column] = is_standard_tab_stop(column);
  }
  state_.title_stack.clear();
  if (state_.cursor_shape) state_.cursor_shape = 0;
  if (state_.modify_other_keys) state_.modify_other_keys = -1;
  state_.history.clear();
  single_shift_ = 0;
}

void Terminal::set_keyboard(const Sequence& sequence) {
  auto& stack = state_.page_state().keyboard;
  state_.has_keyboard_flags = true;
  if (sequence.leader == '>') {
    if (stack.size() == kMaxStack) stack.erase(stack.begin());
    stack.push_back(sequence.value(0, 0));
  } else if (sequence.leader == '<') {
    const auto count = static_cast<std::size_t>(sequence.amount());
    stack.resize(stack.size() - std::min(count, stack.size()));
  } else {
    if (stack.empty()) stack.push_back(0);
    const int flags = sequence.value(0, 0);
    switch (sequence.value(1, 1)) {
      case 1:
        stack.back() = flags;
        break;
      case 2:
        stack.back() |= flags;
        break;
      case 3:
        stack.back() &= ~flags;
        break;
      default:
        break;
    }
  }
}

void Terminal::stack_titles(const Sequence& sequence) {
  auto& stack = state_.title_stack;
  if (sequence.value(0, 0) == 22) {
    if (stack.size() == kMaxStack) stack.erase(stack.begin());
    stack.push_back(state_.titles);
  } else if (sequence.value(0, 0) == 23 && !stack.empty()) {
    const int which = sequence.value(1, 0);
    if (which != 1) state_.titles.window = stack.back().window;
    if (which != 2) state_.titles.icon = stack.back().icon;
    stack.pop_back();
  }
}

void Terminal::set_tab(const Sequence& sequence) {
  auto& stops = state_.tab_stops;
  state_.has_own_tab_stops = true;
  if (sequence.value(0, 0) == 0) stops[static_cast<std::size_t>(state_.cursor.column)] = false;
  if (sequence.value(0, 0) == 3) stops.assign(stops.size(), false);
}

void Terminal::on_command(std::string_view osc) {
  interrupt_text();
  if (osc.size() < 2 || osc[1] != ';') return;
  const std::string title = clean_title(osc.substr(2));
  if (osc[0] == '0' || osc[0] == '2') state_.titles.window = title;
  if (osc[0] == '0' || osc[0] == '1') state_.titles.icon = title;
}

}  // namespace nigh::terminal
