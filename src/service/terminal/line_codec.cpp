// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/line_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "service/terminal/utf8.hpp"
#include "service/terminal/width.hpp"

namespace nigh::terminal {
namespace {

constexpr std::string_view kEraseRest = "\x1b[K";
constexpr int kEraseCharacters = Sequence::key(0, 0, 'X');
constexpr int kForward = Sequence::key(0, 0, 'C');
constexpr int kEraseLine = Sequence::key(0, 0, 'K');
constexpr int kRendition = Sequence::key(0, 0, 'm');

bool is_blank(const Cell& cell) { return cell.is_erased() && cell.style.background == Colour{}; }

// A run of `count` erased cells, in the pen's colour.
void append_gap(std::string& out, std::size_t count, bool is_coloured, bool is_last) {
  auto end = std::back_inserter(out);
  if (is_last) {
    out += kEraseRest;
  } else if (is_coloured) {
    fmt::format_to(end, "\x1b[{}X\x1b[{}C", count, count);
  } else {
    fmt::format_to(end, "\x1b[{}C", count);
  }
}

class LineReader final : public ParserEvents {
 public:
  explicit LineReader(std::size_t max_columns) : max_columns_(max_columns) {}

  std::vector<Cell> cells;

  void on_text(std::string_view bytes) override {
    for (const char byte : bytes) {
      const auto done = decoder_.take(static_cast<unsigned char>(byte));
      for (std::size_t at = 0; at < done.count; ++at) put(done.values[at]);
    }
  }
  void on_control(char) override {}
  void on_escape(char, char) override {}
  void on_command(std::string_view) override {}
  void on_sequence(const Sequence& sequence) override {
    switch (sequence.key()) {
      case kRendition:
        apply_rendition(sequence, pen_);
        break;
      case kForward:
        skip(static_cast<std::size_t>(sequence.amount()));
        break;
      case kEraseCharacters:
        extend(column_ + static_cast<std::size_t>(sequence.amount()));
        break;
      case kEraseLine:
        extend(max_columns_);
        break;
      default:
        break;
    }
  }

 private:
  void extend(std::size_t size) {
    size = std::min(size, max_columns_);
    if (size > cells.size()) cells.resize(size, erased_cell(pen_));
  }
  // Cells that are moved over without having been erased in a colour are blank.
  void skip(std::size_t count) {
    column_ = std::min(column_ + count, max_columns_);
    if (column_ > cells.size()) cells.resize(column_);
  }
  void put(char32_t character) {
    const int columns = width(character);
    if (columns == 0) return combine(character);
    if (column_ + static_cast<std::size_t>(columns) > max_columns_) return;
    cells.resize(std::max(cells.size(), column_ + static_cast<std::size_t>(columns)));
    cells[column_++] = Cell{{character}, pen_};
    if (columns == 2) cells[column_++] = Cell{{Cell::kRightHalf}, pen_};
  }
  void combine(char32_t mark) {
    if (column_ == 0) return;
    std::size_t at = column_ - 1;
    if (cells[at].is_right_half() && at > 0) --at;
    const auto free = std::ranges::find(cells[at].text, U'\0');
    if (free != cells[at].text.end()) *free = mark;
  }

  std::size_t max_columns_;
  std::size_t column_ = 0;
  Style pen_;
  Utf8Decoder decoder_;
};

}  // namespace

void append_characters(std::string& out, const Cell& cell) {
  for (const char32_t character : cell.text) {
    if (character == 0) break;
    append_utf8(out, character);
  }
}

void append_line(std::string& out, std::span<const Cell> cells, bool is_continuation) {
  const bool is_coloured = is_continuation && cells[0].style.background != Colour{};
  std::size_t end = cells.size();
  while (end > 0 && is_blank(cells[end - 1])) --end;
  Style pen;
  std::size_t at = 0;
  while (at < end) {
    const Cell& cell = cells[at];
    if (cell.is_right_half()) {
      ++at;
      continue;
    }
    if (!cell.is_erased()) {
      if (cell.style != pen) append_rendition(out, pen, cell.style);
      pen = cell.style;
      if (cell.text[0] < 0x80 && cell.text[1] == 0) {
        out.push_back(static_cast<char>(cell.text[0]));
      } else {
        append_characters(out, cell);
      }
      ++at;
      continue;
    }
    std::size_t next = at + 1;
    while (next < end && cells[next].is_erased() &&
           cells[next].style.background == cell.style.background) {
      ++next;
    }
    const Style wanted = erased_cell(cell.style).style;
    append_rendition(out, pen, wanted);
    pen = wanted;
    append_gap(out, next - at, is_coloured || wanted != Style{}, next == cells.size());
    at = next;
  }
  append_rendition(out, pen, Style{});
  if (is_coloured && end < cells.size()) out += kEraseRest;
}

std::string_view without_last_erasing(std::string_view line) {
  for (const std::string_view end : {"\x1b[K", "\x1b[K\x1b[m"}) {
    if (line.ends_with(end)) return line.substr(0, line.size() - end.size());
  }
  return line;
}

std::vector<Cell> decode_line(std::string_view bytes, std::size_t max_columns) {
  LineReader reader(max_columns);
  Parser().feed(bytes, reader);
  return std::move(reader.cells);
}

}  // namespace nigh::terminal
