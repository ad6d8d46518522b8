// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal_modes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

constexpr char kEscape = '\x1b';
constexpr std::size_t kMaxParameters = 64;
constexpr unsigned kMaxPushed = 16;

constexpr int kOriginMode = 6;
constexpr int kAutoWrap = 7;
constexpr int kCursorVisible = 25;
constexpr int kMargins = 69;
constexpr int kAlternateScreen = 1049;

// Those that would disturb whoever uses the terminal next; the others are matters of taste.
constexpr std::array kUndone{1,           5,
                             kOriginMode, kAutoWrap,
                             9,           kCursorVisible,
                             47,          66,
                             kMargins,    1000,
                             1001,        1002,
                             1003,        1004,
                             1005,        1006,
                             1015,        1016,
                             1047,        kAlternateScreen,
                             2004,        2026,
                             2031,        2048};

bool on_by_default(int mode) { return mode == kAutoWrap || mode == kCursorVisible; }

std::string mode_text(int mode, bool on) { return fmt::format("\x1b[?{}{}", mode, on ? 'h' : 'l'); }

bool is_continuation(char byte) { return (byte & 0xC0) == 0x80; }

// How many bytes a character that begins so has.
std::size_t length_of_character(char first) {
  auto byte = static_cast<unsigned char>(first);
  if (byte < 0xC2 || byte > 0xF4) return 1;
  return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

// Output is mostly text, which is skipped at the speed of memchr.
void TerminalModes::saw(std::string_view output) {
  while (!output.empty()) {
    std::size_t taken = 1;
    if (state_ == State::text)
      taken = text(output);
    else if (state_ == State::string)
      taken = string(output);
    else
      step(output[0]);
    output.remove_prefix(taken);
  }
}

std::size_t TerminalModes::text(std::string_view output) {
  auto end = std::min(output.find(kEscape), output.size());
  count_character(output.substr(0, end));
  if (end == output.size()) return end;
  character_left_ = 0;
  state_ = State::escape;
  return end + 1;
}

// A string ends at BEL or with ESC, behind which a backslash is then a sequence that does nothing.
std::size_t TerminalModes::string(std::string_view output) {
  auto end = std::min(output.find_first_of("\x07\x1b"), output.size());
  if (end == output.size()) return end;
  state_ = output[end] == kEscape ? State::escape : State::text;
  return end + 1;
}

void TerminalModes::count_character(std::string_view tail) {
  constexpr std::size_t kLongest = 4;
  for (std::size_t back = 1; back <= std::min(kLongest, tail.size()); ++back) {
    char byte = tail[tail.size() - back];
    if (is_continuation(byte)) continue;
    auto length = length_of_character(byte);
    character_left_ = length > back ? length - back : 0;
    return;
  }
  character_left_ -= std::min(character_left_, tail.size());
}

void TerminalModes::step(char byte) {
  if (byte == kEscape) {
    state_ = State::escape;
    introducer_ = 0;
    return;
  }
  if (byte == '\x18' || byte == '\x1a') {  // CAN and SUB end any sequence
    state_ = State::text;
    return;
  }
  bool control_code = static_cast<unsigned char>(byte) < 0x20;
  if (control_code) return;  // is executed between
  if (state_ != State::control) return escape(byte);
  if (byte >= 0x40 && byte <= 0x7e) {
    state_ = State::text;
    finish_control(byte);
  } else if (parameters_.size() < kMaxParameters) {
    parameters_ += byte;
  }
}

void TerminalModes::escape(char byte) {
  if (byte >= 0x20 && byte <= 0x2f) {
    if (state_ == State::escape) introducer_ = byte;
    state_ = State::intermediate;
    return;
  }
  bool plain = state_ == State::escape;
  state_ = State::text;
  if (!plain) {
    if (introducer_ == '(') charset_ = byte != 'B';
    return;
  }
  if (byte == '[') {
    state_ = State::control;
    parameters_.clear();
  } else if (std::string_view("]PX^_").contains(byte)) {
    state_ = State::string;
  } else if (byte == '=' || byte == '>') {
    keypad_ = byte == '=';
  } else if (byte == 'c') {
    *this = TerminalModes();
  }
}

void TerminalModes::finish_control(char last) {
  if (parameters_.starts_with('?') || parameters_.starts_with('>') ||
      parameters_.starts_with('<') || parameters_.starts_with('='))
    return finish_private(last);
  bool none = parameters_.empty() || parameters_ == "0";
  if (last == 'm')
    painted_ = !none;
  else if (last == 'r')
    region_ = !none;
  else if (last == 'q' && parameters_.ends_with(' '))
    cursor_shape_ = parameters_ != " " && parameters_ != "0 ";
  else if (last == 'p' && parameters_ == "!")
    soft_reset();
  else if ((last == 'h' || last == 'l') && parameters_ == "4")
    inserting_ = last == 'h';
}

void TerminalModes::finish_private(char last) {
  auto rest = std::string_view(parameters_).substr(1);
  char kind = parameters_[0];
  if (kind == '?' && (last == 'h' || last == 'l'))
    for (auto mode : split(rest, ';')) set_mode(number(mode), last == 'h');
  if (kind == '>' && last == 'm' && rest.starts_with('4'))
    key_format_ = rest == "4" || rest == "4;0" ? "" : fmt::format("\x1b[{}m", parameters_);
  if (last != 'u') return;
  if (kind == '>') keyboard_pushed_ = std::min(keyboard_pushed_ + 1, kMaxPushed);
  if (kind == '<')
    keyboard_pushed_ -=
        std::min<unsigned>(keyboard_pushed_, static_cast<unsigned>(std::max(1, number(rest))));
  if (kind == '=') keyboard_flags_ = number(rest) == 0 ? "" : fmt::format("\x1b[{}u", parameters_);
}

void TerminalModes::set_mode(int mode, bool on) {
  if (std::ranges::find(kUndone, mode) == kUndone.end()) return;
  if (on == on_by_default(mode))
    changed_.erase(mode);
  else
    changed_.insert(mode);
}

void TerminalModes::soft_reset() {
  for (int mode : {1, kOriginMode, kAutoWrap, kCursorVisible, 66, kMargins}) changed_.erase(mode);
  inserting_ = keypad_ = charset_ = painted_ = region_ = false;
}

bool TerminalModes::at_rest() const {
  bool elsewhere = inserting_ || changed_.contains(kOriginMode) || changed_.contains(kMargins);
  return state_ == State::text && character_left_ == 0 && !elsewhere && !charset_;
}

std::string TerminalModes::undo() const {
  std::string text;
  // CAN ends a sequence that was begun, and is nothing elsewhere.
  if (state_ != State::text) text += "\x18";
  if (state_ == State::string) text += "\x1b\\";
  if (keyboard_pushed_ > 0) text += fmt::format("\x1b[<{}u", keyboard_pushed_);
  if (!keyboard_flags_.empty()) text += "\x1b[=0u";
  if (!key_format_.empty()) text += "\x1b[>4m";
  if (inserting_) text += "\x1b[4l";
  if (keypad_) text += "\x1b>";
  if (charset_) text += "\x1b(B";
  if (cursor_shape_) text += "\x1b[0 q";
  if (region_)
    text +=
        "\x1b"
        "7\x1b[r\x1b"
        "8";  // taking the margins off moves the cursor
  if (painted_) text += "\x1b[0m";
  for (int mode : changed_) text += mode_text(mode, on_by_default(mode));
  return text;
}

std::string TerminalModes::redo() const {
  std::string text;
  bool alternate = changed_.contains(kAlternateScreen);
  if (alternate) text += mode_text(kAlternateScreen, true);
  for (int mode : changed_)
    if (mode != kAlternateScreen) text += mode_text(mode, !on_by_default(mode));
  if (keypad_) text += "\x1b=";
  text += key_format_ + keyboard_flags_;
  return text;
}

}  // namespace nigh::cli
