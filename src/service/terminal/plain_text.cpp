// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/plain_text.hpp"

#include <string.h>

#include <algorithm>

namespace nigh::terminal {
namespace {

constexpr char kEscape = '\x1b';
constexpr std::size_t kMaxSequence = 64;  // of a plain one

bool is_unplain(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  // '\b', '\t' and '\n' are neighbours.
  return value < 0x20 && static_cast<unsigned char>(value - '\b') > '\n' - '\b' && value != '\r';
}

bool is_printable_ascii(char byte) { return byte >= 0x20 && byte <= 0x7e; }

// Counts without branches and in steps of a fixed size, so that compilers make vector instructions
// of it.
template <typename Matches>
std::size_t count_if(std::string_view bytes, Matches matches) {
  constexpr std::size_t kStep = 128;  // a byte can count that far
  std::size_t total = 0;
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  for (; static_cast<std::size_t>(end - at) >= kStep; at += kStep) {
    unsigned char here = 0;
    for (std::size_t offset = 0; offset < kStep; ++offset) {
      here = static_cast<unsigned char>(here + (matches(at[offset]) ? 1 : 0));
    }
    total += here;
  }
  return total + static_cast<std::size_t>(std::count_if(at, end, matches));
}

std::size_t find_last(std::string_view text, char byte) {
  const void* at = text.empty() ? nullptr : ::memrchr(text.data(), byte, text.size());
  return at == nullptr ? std::string_view::npos
                       : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

// The length of the SGR or EL at the begin of `bytes`: 0 if it is cut off, none if it is another.
std::optional<std::size_t> sequence_length(std::string_view bytes) {
  if (bytes.size() > 1 && bytes[1] != '[') return std::nullopt;
  std::size_t at = 2;
  while (at < bytes.size() && bytes[at] >= '0' && bytes[at] <= ';') ++at;
  if (at > kMaxSequence) return std::nullopt;
  if (at >= bytes.size()) return 0;
  if (bytes[at] != 'm' && bytes[at] != 'K') return std::nullopt;
  return at + 1;
}

// Of the one that begins at `escape`, which is complete.
std::size_t end_of_sequence(std::string_view plain, std::size_t escape) {
  return plain.find_first_not_of("0123456789:;", escape + 2) + 1;
}

// Text of lines alone: printable ASCII, CR nowhere but before LF, LF.
std::size_t rows_of_lines(std::string_view text, std::size_t columns) {
  std::size_t rows = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::size_t length = end;
    if (length > 0 && text[length - 1] == '\r') --length;
    if (length > 0) rows += (length - 1) / columns;
    if (end == text.size()) break;
    ++rows;
    text.remove_prefix(end + 1);
  }
  return rows;
}

// A CR that is not at a line's end puts text over other text.
bool has_inner_return(std::string_view text) {
  for (auto at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1)) {
    if (at + 1 < text.size() && text[at + 1] != '\n') return true;
  }
  return false;
}

}  // namespace

std::optional<std::size_t> scan_plain(std::string_view bytes) {
  std::size_t complete = bytes.size();
  std::size_t escapes = 0;
  for (auto at = bytes.find(kEscape); at != std::string_view::npos; at = bytes.find(kEscape, at)) {
    const auto length = sequence_length(bytes.substr(at));
    if (!length) return std::nullopt;
    ++escapes;
    if (*length == 0) {
      complete = at;
      break;
    }
    at += *length;
  }
  if (count_if(bytes, is_unplain) != escapes) return std::nullopt;
  return complete;
}

std::size_t rows_at_least(std::string_view plain, int columns) {
  const auto width = static_cast<std::size_t>(columns);
  const std::size_t ends = count_if(plain, [](char byte) { return byte == '\n'; });
  // Where most lines are shorter than rows, there is little to gain from looking closer.
  if (ends * (width + width / 4) > plain.size()) return ends;
  const std::size_t others = count_if(
      plain, [](char byte) { return !is_printable_ascii(byte) && byte != '\n' && byte != '\r'; });
  if (others > 0 || has_inner_return(plain)) return ends;
  return rows_of_lines(plain, width);
}

std::optional<PlainCut> last_cut(std::string_view plain) {
  constexpr int kTries = 1000;
  std::size_t cut = find_last(plain, '\r');
  std::size_t before = cut;  // where to look for what set the pen last
  for (int tries = 0; tries < kTries && cut != std::string_view::npos; ++tries) {
    const std::size_t escape = find_last(plain.substr(0, before), kEscape);
    if (escape == std::string_view::npos) return PlainCut{cut, false};
    const std::size_t final = end_of_sequence(plain, escape) - 1;
    if (plain[final] == 'K') {
      before = escape;
      continue;
    }
    const std::string_view values = plain.substr(escape + 2, final - escape - 2);
    if (values.find_first_not_of('0') == std::string_view::npos) return PlainCut{cut, true};
    cut = find_last(plain.substr(0, escape), '\r');
    before = cut;
  }
  return std::nullopt;
}

std::size_t begin_of_last_run(std::string_view plain) {
  constexpr std::size_t kStep = 128;
  std::size_t begin = plain.size();
  const auto is_other = [](char byte) { return !is_printable_ascii(byte); };
  while (begin >= kStep && count_if(plain.substr(begin - kStep, kStep), is_other) == 0) {
    begin -= kStep;
  }
  while (begin > 0 && is_printable_ascii(plain[begin - 1])) --begin;
  const bool is_behind_escape = begin > 0 && plain[begin - 1] == kEscape;
  return is_behind_escape ? end_of_sequence(plain, begin - 1) : begin;
}

}  // namespace nigh::terminal
