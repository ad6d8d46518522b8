// SPDX-License-Identifier: Apache-2.0
#include "cli/wrap.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

// Bytes that the first `columns` characters of `text` take.
std::size_t bytes_for(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  while (end < text.size() && columns_of(text.substr(0, end + 1)) <= columns) ++end;
  return end;
}

void add_word(std::vector<std::string>& lines, std::string_view word, std::size_t width) {
  bool fits = columns_of(lines.back()) + 1 + columns_of(word) <= width;
  if (!lines.back().empty() && fits) lines.back() += ' ';
  if (!lines.back().empty() && !fits) lines.emplace_back();
  while (columns_of(word) > width) {
    auto cut = bytes_for(word, width);
    lines.back() = word.substr(0, cut);
    lines.emplace_back();
    word.remove_prefix(cut);
  }
  lines.back() += word;
}

}  // namespace

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  width = std::max<std::size_t>(width, 1);
  std::vector<std::string> lines;
  for (auto line : split(text, '\n')) {
    lines.emplace_back();
    for (auto word : split(line, ' '))
      if (!word.empty()) add_word(lines, word, width);
  }
  return lines;
}

std::string indented(std::string_view text, std::size_t width, std::size_t first,
                     std::size_t rest) {
  auto indent = std::max(first, rest);
  std::string out;
  for (const auto& line : wrap(text, width > indent ? width - indent : 1)) {
    if (!line.empty()) out += std::string(out.empty() ? first : rest, ' ') + line;
    out += '\n';
  }
  return out;
}

}  // namespace nigh::cli
