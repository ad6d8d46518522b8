// SPDX-License-Identifier: Apache-2.0
#include "cli/roff.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/option_rows.hpp"

namespace nigh::cli {
namespace {

// Text as roff reads it: no escape, no minus that turns into a hyphen.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\')
      out += "\\(rs";
    else if (c == '-')
      out += "\\-";
    else if (c == '~')
      out += "\\(ti";
    else if (c == '^')
      out += "\\(ha";
    else if (c == '`')
      out += "\\(ga";
    else if (c == '\'')
      out += "\\(aq";
    else
      out += c;
  }
  return out;
}

// A line that is text even when it begins like a request.
std::string text_line(std::string_view roff) {
  bool looks_like_request = roff.starts_with('.') || roff.starts_with('\'');
  return fmt::format("{}{}", looks_like_request ? "\\&" : "", roff);
}

// An argument of a request, in quotes.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : escaped(text)) out += c == '"' ? std::string("\\(dq") : std::string(1, c);
  return out + '"';
}

// `code` and *emphasis*; inside code nothing else is looked at.
std::string inline_markup(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto start = text.find_first_of("`*");
    auto end = start == text.npos ? text.npos : text.find(text[start], start + 1);
    if (end == text.npos) return out + escaped(text);
    out += escaped(text.substr(0, start));
    bool code = text[start] == '`';
    out += fmt::format("\\f{}{}\\fR", code ? 'B' : 'I',
                       escaped(text.substr(start + 1, end - start - 1)));
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string upper(std::string_view ascii) {
  std::string out(ascii);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

}  // namespace

Roff::Roff(std::string_view name, int section_number, std::string_view summary,
           std::string_view version) {
  line(fmt::format(".TH {} {} \"\" \"nigh {}\" \"nigh\"", quoted(upper(name)), section_number,
                   escaped(version)));
  line(".nh");
  line(".ad l");
  section("NAME");
  line(fmt::format("{} \\- {}", escaped(name), escaped(summary)));
}

void Roff::section(std::string_view title) { line(".SH " + quoted(title)); }
void Roff::subsection(std::string_view title) { line(".SS " + quoted(title)); }

void Roff::paragraph(std::string_view text) {
  line(".PP");
  line(text_line(inline_markup(text)));
}

void Roff::bullet(std::string_view text) {
  line(".IP \\(bu 2");
  line(text_line(inline_markup(text)));
}

void Roff::definition(std::string_view term, std::string_view text) {
  line(".TP");
  line(text_line(fmt::format("\\fB{}\\fR", escaped(term))));
  line(text_line(inline_markup(text)));
}

void Roff::literal(const std::vector<std::string>& lines) {
  line(".PP");
  line(".RS 4");
  line(".nf");
  for (const auto& each : lines) line(text_line(escaped(each)));
  line(".fi");
  line(".RE");
}

void Roff::synopsis(const Usage& usage) {
  for (auto form : usage.synopsis) {
    line(".PP");
    line(text_line(fmt::format("\\fBnigh\\fR {}", escaped(form))));
  }
}

void Roff::description(const Usage& usage) {
  for (auto text : split(usage.description, '\n')) paragraph(text);
}

void Roff::options(const Usage& usage) {
  for (const auto& row : option_rows(usage))
    definition(row.value.empty() ? row.names : row.names + " " + row.value, row.says);
}

void Roff::examples(const Usage& usage) {
  for (const auto& example : usage.examples) {
    paragraph(fmt::format("{}:", example.says));
    literal({std::string(example.command)});
  }
}

void Roff::exit_status(const Usage& usage) {
  for (const auto& note : usage.exits) definition(note.status, note.says);
}

}  // namespace nigh::cli
