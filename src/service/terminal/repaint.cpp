// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/repaint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "service/terminal/line_codec.hpp"

namespace nigh::terminal {
namespace {

// Standard character sets, unlike what the page before may have used.
constexpr std::string_view kPlainText = "\x1b[m\x1b(B\x1b)B\x1b*B\x1b+B\x0f";
// Printing as at first, on the primary page: no insert, new line, origin modes and margins;
// autowrap. What the terminal may be in the middle of is ended first.
constexpr std::string_view kPlainPrinting =
    "\x1b\\\x1b[?1049l\x1b[4l\x1b[20l\x1b[?6l\x1b[?69l\x1b[r\x1b[?7h";

class Painter {
 public:
  Painter(const State& state, PaintFrom from)
      : state_(state), from_(from), margins_(state.page().whole()) {}

  std::string paint(std::size_t history_lines) {
    if (from_ == PaintFrom::top_left) {
      out_ += kPlainPrinting;
      out_ += kPlainText;
      out_ += "\x1b[H\x1b[J";
    } else {
      out_ += "\x1b[m\r\x1b[J";
    }
    const bool goes_on = paint_history(history_lines);
    paint_page(state_.primary, goes_on);
    if (state_.alternate) switch_to_alternate();
    paint_keyboard(state_.page_state());
    paint_tab_stops();
    paint_titles();
    state_.modes.append(out_);
    if (state_.cursor_shape) append("\x1b[{} q", *state_.cursor_shape);
    if (const auto& keys = state_.modify_other_keys) {
      *keys < 0 ? append("\x1b[>4m") : append("\x1b[>4;{}m", *keys);
    }
    paint_margins();
    const auto& saved = state_.page_state().saved;
    if (saved || from_ == PaintFrom::top_left) {
      place(saved.value_or(Cursor{}), state_.page());
      out_ +=
          "\x1b"
          "7";
    }
    place(state_.cursor, state_.page());
    for (const auto mode : {kInsert, kNewLine, kAutowrap}) state_.modes.append(out_, mode);
    return std::move(out_);
  }

 private:
  template <typename... Values>
  void append(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
  }

  // Returns whether the page's first row continues the last line.
  bool paint_history(std::size_t count) {
    const History& history = state_.history;
    std::size_t at = history.size() - std::min(count, history.size());
    bool is_first = true;
    bool is_before_foreign = false;
    Flow before;
    history.for_newest(count, [&](const HistoryLine& line) {
      // A line that was broken at another width ends somewhere else now.
      const bool is_foreign = at++ < history.foreign();
      const bool goes_on =
          !is_first && is_foreign == is_before_foreign && flows_on(before, line.flow);
      if (!is_first && !goes_on) out_ += "\r\n";
      out_ += is_foreign ? without_last_erasing(line.bytes) : line.bytes;
      if (is_foreign) out_ += "\x1b[m";
      before = line.flow;
      is_before_foreign = is_foreign;
      is_first = false;
    });
    if (is_first) return false;
    const bool goes_on = !is_before_foreign && flows_on(before, state_.primary.flow(0));
    if (!goes_on) out_ += "\r\n";
    return goes_on;
  }

  void paint_page(const Page& page, bool goes_on) {
    for (int row = 0; row < page.rows(); ++row) {
      if (row > 0 && !goes_on) out_ += "\r\n";
      append_line(out_, page.row(row), goes_on);
      goes_on = page.flows_on(row);
    }
  }

  void switch_to_alternate() {
    paint_keyboard(state_.pages[0]);
    place(state_.pages[0].saved.value_or(Cursor{}), state_.primary);
    out_ += "\x1b[?1049h";
    out_ += kPlainText;
    set_origin_mode(false);
    out_ += "\x1b[H\x1b[J";
    paint_page(*state_.alternate, false);
  }

  void paint_keyboard(const PageState& page) {
    if (!state_.has_keyboard_flags) return;
    if (from_ == PaintFrom::top_left) out_ += "\x1b[<99u";
    for (const int flags : page.keyboard) append("\x1b[>{}u", flags);
  }

  void paint_tab_stops() {
    if (!state_.has_own_tab_stops) return;
    out_ += "\x1b[3g";
    for (std::size_t column = 0; column < state_.tab_stops.size(); ++column) {
      if (state_.tab_stops[column]) append("\x1b[{}G\x1bH", column + 1);
    }
  }

  // A terminal that missed a part has its stack still, mostly as it should be.
  void paint_titles() {
    if (from_ == PaintFrom::cursor) {
      for (const Titles& titles : state_.title_stack) {
        paint_title(titles);
        out_ += "\x1b[22;0t";
      }
    }
    paint_title(state_.titles);
  }

  void paint_title(const Titles& titles) {
    if (titles.window) append("\x1b]2;{}\x1b\\", *titles.window);
    if (titles.icon) append("\x1b]1;{}\x1b\\", *titles.icon);
  }

  void paint_margins() {
    const Area& margins = state_.margins;
    const Area whole = std::exchange(margins_, margins);
    state_.modes.append(out_, kSideMargins);
    if (margins.left != whole.left || margins.right != whole.right) {
      append("\x1b[{};{}s", margins.left + 1, margins.right);
    }
    if (margins.top != whole.top || margins.bottom != whole.bottom) {
      append("\x1b[{};{}r", margins.top + 1, margins.bottom);
    }
  }

  void set_origin_mode(bool on) {
    if (on != is_origin_mode_) out_ += on ? "\x1b[?6h" : "\x1b[?6l";
    is_origin_mode_ = on;
  }

  // In origin mode no place outside of the margins can be gone to.
  void go_to(int row, int column) {
    if (is_origin_mode_) {
      row = std::clamp(row, margins_.top, margins_.bottom - 1) - margins_.top;
      column = std::clamp(column, margins_.left, margins_.right - 1) - margins_.left;
    }
    append("\x1b[{};{}H", row + 1, column + 1);
  }

  // Puts the cursor where it is, with its pen and character sets.
  void place(const Cursor& cursor, const Page& page) {
    out_ += kPlainText;
    set_origin_mode(cursor.is_origin_mode);
    const Style pen = go_to_wrap(cursor, page);
    append_rendition(out_, pen, cursor.pen);
    const Charsets& charsets = cursor.charsets;
    for (std::size_t set = 0; set < charsets.designated.size(); ++set) {
      if (charsets.designated[set] == Charsets::kAscii) continue;
      append("\x1b{}{}", static_cast<char>('(' + set), charsets.designated[set]);
    }
    constexpr std::string_view kUse[] = {"", "\x0e", "\x1bn", "\x1bo"};
    out_ += kUse[charsets.used];
  }

  // A wrap is due only behind a character that was printed in the last place, so it is again.
  Style go_to_wrap(const Cursor& cursor, const Page& page) {
    const auto cells = page.row(cursor.row);
    const int limit = cursor.column < margins_.right ? margins_.right : page.columns();
    const bool is_reached =
        !cursor.is_origin_mode || (cursor.row >= margins_.top && cursor.row < margins_.bottom &&
                                   cursor.column < margins_.right);
    const bool is_due = cursor.is_wrap_due && cursor.column + 1 == limit && is_reached;
    if (!is_due || cells[cursor.column].is_erased()) {
      go_to(cursor.row, cursor.column);
      return {};
    }
    const int head = cells[cursor.column].is_right_half() ? cursor.column - 1 : cursor.column;
    const Cell& cell = cells[head];
    go_to(cursor.row, head);
    append_rendition(out_, Style{}, cell.style);
    append_characters(out_, cell);
    return cell.style;
  }

  const State& state_;
  const PaintFrom from_;
  std::string out_;
  // Of the terminal that is painted on, so far.
  Area margins_;
  bool is_origin_mode_ = false;
};

}  // namespace

std::string repaint(const State& state, std::size_t history_lines, PaintFrom from) {
  return Painter(state, from).paint(history_lines);
}

}  // namespace nigh::terminal
