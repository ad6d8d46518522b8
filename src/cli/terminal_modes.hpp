// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace nigh::cli {

// What the output of a session has done to the terminal that shows it: as little as is needed to
// leave in the middle of it, and to write something of our own between. The bytes themselves go
// to the terminal as they are. Not an emulator: what it does not know it ignores. Pure.
class TerminalModes {
 public:
  void saw(std::string_view output);

  // A line of our own would be shown as it is meant: the output is not inside of an escape
  // sequence or a character, and nothing moves what is written elsewhere.
  bool at_rest() const;

  // What brings a terminal back to how it was: leaves the alternate screen, turns the mouse and the
  // like off, shows the cursor. Empty if nothing is to be done.
  std::string undo() const;
  // After undo(): as the output wants it again. What was on the screen is not brought back.
  std::string redo() const;

 private:
  // In text; after ESC, and after what may stand between; in a control sequence; in a string
  // (OSC, DCS, ...), which may be long.
  enum class State { text, escape, intermediate, control, string };

  std::size_t text(std::string_view output);
  std::size_t string(std::string_view output);
  void step(char byte);
  void escape(char byte);
  void finish_control(char last);
  void finish_private(char last);
  void set_mode(int mode, bool on);
  void soft_reset();
  void count_character(std::string_view tail);

  State state_ = State::text;
  std::size_t character_left_ = 0;  // bytes that the last character still lacks
  std::string parameters_;          // of the control sequence so far
  char introducer_ = 0;             // between ESC and what ends it: '(' names a character set

  std::set<int> changed_;  // DEC modes that are not as by default
  bool inserting_ = false;
  bool keypad_ = false;
  bool charset_ = false;
  bool painted_ = false;
  bool cursor_shape_ = false;
  bool region_ = false;
  std::string key_format_;        // of modifyOtherKeys: "\x1b[>4;2m"
  unsigned keyboard_pushed_ = 0;  // kitty's protocol
  std::string keyboard_flags_;
};

}  // namespace nigh::cli
