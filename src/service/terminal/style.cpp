// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/style.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace nigh::terminal {
namespace {

struct Switch {
  std::uint8_t attribute;
  int on;
  int off;
};
// Bold and dim have one way off.
constexpr Switch kSwitches[] = {
    {kBold, 1, 22},    {kDim, 2, 22},     {kItalic, 3, 23}, {kBlink, 5, 25},
    {kReverse, 7, 27}, {kConceal, 8, 28}, {kStrike, 9, 29}, {kOverline, 53, 55},
};

Colour indexed(int index) {
  return {Colour::Kind::indexed, static_cast<std::uint8_t>(index), 0, 0};
}

// Walks the parameters of one sequence.
class Reader {
 public:
  Reader(const Sequence& sequence, Style& pen) : sequence_(sequence), pen_(pen) {}

  void read() {
    if (sequence_.count == 0) pen_ = Style{};
    while (at_ < sequence_.count) {
      const int code = sequence_.value(at_, 0);
      const std::size_t first = at_++;
      while (at_ < sequence_.count && sequence_.continues[at_]) ++at_;
      apply(code, first);
    }
  }

 private:
  void apply(int code, std::size_t first) {
    if (code == 0) {
      pen_ = Style{};
    } else if (code == 4) {
      underline(at_ > first + 1 ? sequence_.value(first + 1, 1) : 1);
    } else if (code == 21) {
      pen_.underline = Underline::twofold;
    } else if (code == 24) {
      pen_.underline = Underline::none;
    } else if (code == 6) {
      pen_.attributes |= kBlink;
    } else if (!apply_switch(code)) {
      apply_colour(code, first);
    }
  }

  void underline(int kind) {
    if (kind >= 0 && kind <= static_cast<int>(Underline::dashed)) {
      pen_.underline = static_cast<Underline>(kind);
    }
  }

  bool apply_switch(int code) {
    bool is_switch = false;
    for (const Switch& candidate : kSwitches) {
      if (code == candidate.on) pen_.attributes |= candidate.attribute;
      if (code == candidate.off) {
        pen_.attributes &= static_cast<std::uint8_t>(~candidate.attribute);
      }
      is_switch = is_switch || code == candidate.on || code == candidate.off;
    }
    return is_switch;
  }

  void apply_colour(int code, std::size_t first) {
    if (code >= 30 && code <= 37) pen_.foreground = indexed(code - 30);
    if (code >= 90 && code <= 97) pen_.foreground = indexed(code - 90 + 8);
    if (code >= 40 && code <= 47) pen_.background = indexed(code - 40);
    if (code >= 100 && code <= 107) pen_.background = indexed(code - 100 + 8);
    if (code == 38) extended(first, pen_.foreground);
    if (code == 48) extended(first, pen_.background);
    if (code == 58) extended(first, pen_.underline_colour);
    if (code == 39) pen_.foreground = Colour{};
    if (code == 49) pen_.background = Colour{};
    if (code == 59) pen_.underline_colour = Colour{};
  }

  // 38;5;n 38:5:n 38;2;r;g;b 38:2:r:g:b and, as the standard has it, 38:2:space:r:g:b.
  void extended(std::size_t first, Colour& colour) {
    const bool has_parts = at_ > first + 1;
    const int kind = sequence_.value(first + 1, 0);
    std::size_t values = first + 2;
    if (has_parts && kind == 2 && at_ - first > 5) ++values;
    const std::size_t wanted = kind == 5 ? 1 : kind == 2 ? 3 : 0;
    if (!has_parts) at_ = std::min(sequence_.count, values + wanted);
    if (wanted == 0 || values + wanted > at_) return;
    const auto byte = [&](std::size_t offset) {
      return static_cast<std::uint8_t>(std::min(sequence_.value(values + offset, 0), 255));
    };
    colour = kind == 5 ? indexed(byte(0)) : Colour{Colour::Kind::rgb, byte(0), byte(1), byte(2)};
  }

  const Sequence& sequence_;
  Style& pen_;
  std::size_t at_ = 0;
};

void append_code(std::string& out, int code) {
  fmt::format_to(std::back_inserter(out), ";{}", code);
}

// Colours of underlines are written with colons: terminals that do not know them pass those over,
// but would take the parts of the other form for attributes.
constexpr int kUnderlineBase = 50;

// `base`: 30, 40 or 50, whose +8 is an extended colour and whose +9 the standard one.
void append_colour(std::string& out, const Colour& colour, int base) {
  auto end = std::back_inserter(out);
  switch (colour.kind) {
    case Colour::Kind::standard:
      append_code(out, base + 9);
      break;
    case Colour::Kind::indexed:
      if (base == kUnderlineBase) {
        fmt::format_to(end, ";58:5:{}", colour.red);
      } else if (colour.red < 8) {
        append_code(out, base + colour.red);
      } else if (colour.red < 16) {
        append_code(out, base + 60 + colour.red - 8);
      } else {
        fmt::format_to(end, ";{};5;{}", base + 8, colour.red);
      }
      break;
    case Colour::Kind::rgb:
      fmt::format_to(end,
                     fmt::runtime(base == kUnderlineBase ? ";{}:2::{}:{}:{}" : ";{};2;{};{};{}"),
                     base + 8, colour.red, colour.green, colour.blue);
      break;
  }
}

void append_underline(std::string& out, Underline underline) {
  switch (underline) {
    case Underline::none:
      append_code(out, 24);
      break;
    case Underline::single:
      append_code(out, 4);
      break;
    case Underline::twofold:
      append_code(out, 21);
      break;
    default:
      fmt::format_to(std::back_inserter(out), ";4:{}", static_cast<int>(underline));
      break;
  }
}

}  // namespace

void apply_rendition(const Sequence& sequence, Style& pen) { Reader(sequence, pen).read(); }

void append_rendition(std::string& out, const Style& from, const Style& to) {
  if (from == to) return;
  if (to == Style{}) {
    out += "\x1b[m";
    return;
  }
  const std::size_t begin = out.size();
  // What has to go, goes all at once.
  Style now = from;
  if ((from.attributes & ~to.attributes) != 0) {
    out += ";0";
    now = Style{};
  }
  for (const Switch& candidate : kSwitches) {
    if ((to.attributes & ~now.attributes & candidate.attribute) != 0)
      append_code(out, candidate.on);
  }
  if (now.underline != to.underline) append_underline(out, to.underline);
  if (now.foreground != to.foreground) append_colour(out, to.foreground, 30);
  if (now.background != to.background) append_colour(out, to.background, 40);
  if (now.underline_colour != to.underline_colour)
    append_colour(out, to.underline_colour, kUnderlineBase);
  out.replace(begin, 1, "\x1b[");
  out += 'm';
}

}  // namespace nigh::terminal
