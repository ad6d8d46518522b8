// SPDX-License-Identifier: Apache-2.0
#include "ssh/config_line.hpp"

#include "base/text.hpp"

namespace nigh::ssh {
namespace {

constexpr std::string_view kBlanks = " \t";

void skip_blanks(std::string_view& text) {
  auto first = text.find_first_not_of(kBlanks);
  text.remove_prefix(first == text.npos ? text.size() : first);
}

// Does the backslash at the front of `text` escape what follows it?
bool is_escape(std::string_view text, char quote) {
  if (text.size() < 2) return false;
  return text[1] == '"' || text[1] == '\'' || text[1] == '\\' || (quote == 0 && text[1] == ' ');
}

Result<std::string> take_argument(std::string_view& text) {
  std::string word;
  char quote = 0;  // the one that is open
  while (!text.empty()) {
    char c = text.front();
    if (quote == 0 && kBlanks.contains(c)) break;
    if (c == '\\' && is_escape(text, quote)) {
      word.push_back(text[1]);
      text.remove_prefix(2);
      continue;
    }
    text.remove_prefix(1);
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote)
      quote = 0;
    else
      word.push_back(c);
  }
  if (quote != 0) return fail(Errc::malformed, "a quote is not closed");
  return word;
}

std::string_view take_keyword(std::string_view& line) {
  bool quoted = line.starts_with('"');
  if (quoted) line.remove_prefix(1);
  auto keyword = line.substr(0, line.find_first_of(quoted ? "\"" : " \t=\""));
  line.remove_prefix(keyword.size());
  if (quoted && !line.empty()) line.remove_prefix(1);
  return keyword;
}

}  // namespace

ConfigLine split_config_line(std::string_view line) {
  auto end = line.find_last_not_of(" \t\r\n\f");
  line = line.substr(0, end == line.npos ? 0 : end + 1);
  skip_blanks(line);
  if (line.empty() || line.starts_with('#')) return {};
  auto keyword = take_keyword(line);
  skip_blanks(line);
  if (line.starts_with('=')) {
    line.remove_prefix(1);
    skip_blanks(line);
  }
  return {lower(keyword), line};
}

Result<std::vector<std::string>> split_config_arguments(std::string_view text) {
  std::vector<std::string> words;
  for (skip_blanks(text); !text.empty() && !text.starts_with('#'); skip_blanks(text)) {
    auto word = take_argument(text);
    if (!word) return std::unexpected(word.error());
    words.push_back(*std::move(word));
  }
  return words;
}

}  // namespace nigh::ssh
