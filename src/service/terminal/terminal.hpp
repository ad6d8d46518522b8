// SPDX-License-Identifier: Apache-2.0
// A terminal of the xterm family without glass and keyboard: what its input does to its state.
// docs/adr/0014-a-screen-model-of-our-own.md lists what it leaves out. Answers no queries.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "service/terminal/parser.hpp"
#include "service/terminal/state.hpp"
#include "service/terminal/utf8.hpp"

namespace nigh::terminal {

class Terminal final : private ParserEvents {
 public:
  Terminal(int rows, int columns, std::size_t max_history_lines);

  void feed(std::string_view bytes) { parser_.feed(bytes, *this); }
  void resize(int rows, int columns);

  const State& state() const { return state_; }
  // The bytes of the sequence or character that the input is in the middle of (Parser::unfinished).
  std::string unfinished() const;

  // Text and line ends only move whole rows up, and nothing is unfinished: backlog.hpp relies on
  // it.
  bool scrolls_plainly() const;

 private:
  // ParserEvents
  void on_text(std::string_view bytes) override;
  void on_control(char control) override;
  void on_escape(char intermediate, char final) override;
  void on_sequence(const Sequence& sequence) override;
  void on_command(std::string_view osc) override;

  // Printing: terminal_print.cpp
  void interrupt_text();
  void print_ascii(std::string_view run);
  void print(char32_t character);
  void place(char32_t character, int columns);
  void combine(char32_t mark);
  void wrap();
  int print_limit() const;
  char32_t translate(char32_t character);
  bool is_plain_ascii() const;

  // Moving: terminal_move.cpp. Positions are clamped.
  void line_feed();
  void reverse_line_feed();
  void carriage_return();
  void tab(int count);
  void back_tab(int count);
  void move_up(int count);
  void move_down(int count);
  void move_right(int count);
  void move_left(int count);
  void move_to_row(int row);  // from the origin, as are columns
  void move_to_column(int column);
  void go_home();
  bool is_within_margins() const;
  void scroll(int count);  // the margins' area, up if positive; the top goes to the history

  // Sequences: terminal_sequences.cpp
  bool on_cursor_sequence(const Sequence& sequence);
  bool on_margin_sequence(const Sequence& sequence);
  bool on_edit_sequence(const Sequence& sequence);
  bool on_area_sequence(const Sequence& sequence);
  void on_mode_sequence(const Sequence& sequence);
  void erase_display(int what);
  void erase_line(int what);
  void fill_rectangle(const Sequence& sequence, std::size_t first, const Cell& cell);
  void insert_or_delete_lines(int count);
  void insert_or_delete_columns(int count);
  void set_margins(int top, int bottom);
  void set_side_margins(int left, int right);

  // Modes, saving, resetting: terminal_modes.cpp
  void set_mode(bool is_private, int number, bool on);
  void show_alternate(bool alternate);
  void save_cursor() { state_.page_state().saved = state_.cursor; }
  void restore_cursor();
  void reset();
  void reset_softly();
  void set_keyboard(const Sequence& sequence);
  void stack_titles(const Sequence& sequence);
  void set_tab(const Sequence& sequence);

  // terminal_resize.cpp
  void reflow(int rows, int columns, Cursor& cursor);
  void keep_in_history(std::span<const Cell> cells, const Flow& flow);

  Cell blank() const { return erased_cell(state_.cursor.pen); }

  State state_;
  Parser parser_;
  Utf8Decoder decoder_;
  char32_t last_character_ = 0;  // for REP; 0 after anything but text
  int single_shift_ = 0;         // the set for the next character, if not 0
  std::string line_;             // reused
};

}  // namespace nigh::terminal
