// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/width.hpp"

#include <clocale>
#include <cwchar>
#include <vector>

#include <locale.h>
#include <wchar.h>

#include <algorithm>

namespace nigh::terminal {
namespace {

// From `first` up to the next range's.
struct Range {
  char32_t first;
  int width;
};

constexpr char32_t kFirstBeyond = 0x20000;  // ideographs: two wide up to kFirstPlain
constexpr char32_t kFirstPlain = 0x40000;
constexpr char32_t kFirstTag = 0xe0000;  // tags and variation selectors
constexpr char32_t kFirstPrivate = 0xe1000;

// A character that the table does not know is most likely newer than the table: one column is what
// the programs here take it for.
int width_in_current_locale(char32_t character) {
  const int columns = ::wcwidth(static_cast<wchar_t>(character));
  return columns < 0 ? 1 : std::min(columns, 2);
}

std::vector<Range> make_ranges() {
  std::vector<Range> ranges{{0, 1}};
  // Without such a locale every character is one wide, as it is for programs in the C locale.
  if (const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr); utf8 != nullptr) {
    const locale_t before = ::uselocale(utf8);
    for (char32_t character = 0xa0; character < kFirstBeyond; ++character) {
      const int columns = width_in_current_locale(character);
      if (columns != ranges.back().width) ranges.push_back({character, columns});
    }
    ::uselocale(before);
    ::freelocale(utf8);
  }
  ranges.push_back({kFirstBeyond, 2});
  ranges.push_back({kFirstPlain, 1});
  ranges.push_back({kFirstTag, 0});
  ranges.push_back({kFirstPrivate, 1});
  return ranges;
}

}  // namespace

int width(char32_t character) {
  static const std::vector<Range> ranges = make_ranges();
  const auto above =
      std::upper_bound(ranges.begin(), ranges.end(), character,
                       [](char32_t value, const Range& range) { return value < range.first; });
  return std::prev(above)->width;
}

}  // namespace nigh::terminal
