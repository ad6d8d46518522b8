// SPDX-License-Identifier: Apache-2.0
// The switches that programs set in a terminal, by the numbers of SM and DECSET.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string>

namespace nigh::terminal {

struct ModeFact {
  // Of the modes of one group other than `none`, one at most is on.
  enum class Group { none, mouse, mouse_coding };

  int number;
  bool is_private;  // DECSET, with a question mark
  bool is_standard_on = false;
  Group group = Group::none;
};

inline constexpr std::array kModes = std::to_array<ModeFact>({
    {4, false},                                // insert
    {20, false},                               // a line feed is a carriage return, too
    {1, true},                                 // application cursor keys
    {5, true},                                 // reverse video
    {7, true, true},                           // autowrap
    {9, true, false, ModeFact::Group::mouse},  // the X10 kind
    {12, true},                                // blinking cursor
    {25, true, true},                          // cursor visible
    {45, true},                                // backspace goes back over a wrap
    {66, true},                                // application keypad
    {69, true},                                // left and right margins
    {1000, true, false, ModeFact::Group::mouse},
    {1001, true, false, ModeFact::Group::mouse},
    {1002, true, false, ModeFact::Group::mouse},
    {1003, true, false, ModeFact::Group::mouse},
    {1004, true},  // focus reports
    {1005, true, false, ModeFact::Group::mouse_coding},
    {1006, true, false, ModeFact::Group::mouse_coding},
    {1015, true, false, ModeFact::Group::mouse_coding},
    {1016, true, false, ModeFact::Group::mouse_coding},
    {1007, true},  // wheel as cursor keys on the alternate screen
    {1034, true},  // meta sets the eighth bit
    {1036, true},  // meta sends an escape
    {1039, true},  // alt sends an escape
    {2004, true},  // bracketed paste
    {2027, true},  // grapheme clusters
    {2031, true},  // reports of light and dark
    {2048, true},  // reports of size
});

// The place of a mode in kModes; kModes.size() for one that is not listed.
constexpr std::size_t find_mode(bool is_private, int number) {
  std::size_t at = 0;
  while (at < kModes.size() &&
         (kModes[at].number != number || kModes[at].is_private != is_private)) {
    ++at;
  }
  return at;
}

inline constexpr std::size_t kInsert = find_mode(false, 4);
inline constexpr std::size_t kNewLine = find_mode(false, 20);
inline constexpr std::size_t kAutowrap = find_mode(true, 7);
inline constexpr std::size_t kKeypad = find_mode(true, 66);
inline constexpr std::size_t kSideMargins = find_mode(true, 69);

class Modes {
 public:
  Modes();

  bool is_on(std::size_t mode) const { return on_[mode]; }
  void set(std::size_t mode, bool on);
  // As it was at first: all, or one.
  void reset();
  void reset(std::size_t mode) { set(mode, kModes[mode].is_standard_on); }

  // For XTSAVE and XTRESTORE.
  void save(std::size_t mode) { saved_[mode] = on_[mode]; }
  bool is_saved_on(std::size_t mode) const { return saved_[mode]; }

  // Sequences that set whatever was ever set or reset, whatever the terminal's state is. Not those
  // that change how text is put on the screen: insert, new line, autowrap and margins.
  void append(std::string& out) const;
  void append(std::string& out, std::size_t mode) const;  // that one, if it was touched

  bool operator==(const Modes& other) const { return on_ == other.on_; }

 private:
  std::bitset<kModes.size()> on_;
  std::bitset<kModes.size()> touched_;
  std::bitset<kModes.size()> saved_;
};

}  // namespace nigh::terminal
