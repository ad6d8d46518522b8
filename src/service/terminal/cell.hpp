// SPDX-License-Identifier: Apache-2.0
// One place of a screen, and how it looks. Values.
#pragma once

#include <array>
#include <cstdint>

namespace nigh::terminal {

struct Colour {
  enum class Kind : std::uint8_t { standard, indexed, rgb };

  Kind kind = Kind::standard;
  std::uint8_t red = 0;  // the index of an indexed one
  std::uint8_t green = 0;
  std::uint8_t blue = 0;

  bool operator==(const Colour&) const = default;
};

// Attributes that are on or off.
enum Attribute : std::uint8_t {
  kBold = 1,
  kDim = 2,
  kItalic = 4,
  kBlink = 8,
  kReverse = 16,
  kConceal = 32,
  kStrike = 64,
  kOverline = 128,
};

// As SGR 4:n numbers them.
enum class Underline : std::uint8_t { none, single, twofold, curly, dotted, dashed };

struct Style {
  Colour foreground;
  Colour background;
  Colour underline_colour;
  std::uint8_t attributes = 0;  // of Attribute
  Underline underline = Underline::none;

  bool operator==(const Style&) const = default;
};

struct Cell {
  // The right half of a character that is two columns wide, in text[0].
  static constexpr char32_t kRightHalf = 0xffffffff;

  // A character and what combines with it, up to the first 0. A text[0] of 0: erased, nothing has
  // been written here; of its style the background alone matters.
  std::array<char32_t, 4> text{};
  Style style;

  bool is_erased() const { return text[0] == 0; }
  bool is_right_half() const { return text[0] == kRightHalf; }
  bool operator==(const Cell&) const = default;
};

// What erasing leaves where the pen is `pen`.
inline Cell erased_cell(const Style& pen) {
  Cell cell;
  cell.style.background = pen.background;
  return cell;
}

}  // namespace nigh::terminal
