// SPDX-License-Identifier: Apache-2.0
// What a terminal shows: a model of its screen and scrollback, made from the bytes that were sent
// to it, from which another terminal can be brought to show the same.
//
// It answers nothing: queries among the bytes (device attributes, cursor reports) are for the
// terminals that are attached. Any bytes are safe. Not for several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace nigh::terminal {

// Where a repainted screen begins on the terminal that it is sent to.
enum class PaintFrom {
  cursor,    // at its cursor's line, and what stood above scrolls away: a terminal that attaches
  top_left,  // over what it shows, whatever that is: one that has missed a part
};

class Screen {
 public:
  static constexpr std::uint32_t kMaxRows = 1000;
  static constexpr std::uint32_t kMaxColumns = 2000;

  // Sizes are brought into 1..kMaxRows and 1..kMaxColumns, also for resize(). The scrollback is
  // limited in bytes as well: 512 a line, all lines together.
  Screen(std::uint32_t rows, std::uint32_t columns, std::uint32_t scrollback_lines);
  Screen(Screen&&) noexcept;
  Screen& operator=(Screen&&) noexcept;
  ~Screen();

  // The next bytes of output. Cheap: they are mostly put off, up to a bound, until somebody wants
  // to see the screen, and what has scrolled away by then is never looked at.
  void feed(std::string_view output);

  // Lines that the old size broke, and a program did not, are broken anew.
  void resize(std::uint32_t rows, std::uint32_t columns);

  // Bytes that bring a terminal of this size to the same state: the newest `scrollback_lines` lines
  // of scrollback in its own buffer, screen, cursor, title, pen and modes, and the beginning of the
  // escape sequence or character that the output is in the middle of. What feed() gets from here on
  // can follow them directly. Hyperlinks and a changed palette are not part of it.
  std::string repaint(std::uint32_t scrollback_lines, PaintFrom from = PaintFrom::cursor) const;

  // Interprets what was put off and gives its memory back; for a session that has fallen idle.
  void settle();

  std::uint32_t rows() const;
  std::uint32_t columns() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nigh::terminal
