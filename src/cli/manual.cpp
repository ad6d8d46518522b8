// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <vector>

#include "base/text.hpp"
#include "cli/roff.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

struct Title {
  std::string_view name;
  int section = 0;
  std::string_view summary;
};

Result<Title> parse_title(std::string_view line) {
  auto open = line.find('(');
  auto close = line.find("): ");
  if (!line.starts_with("# ") || open == line.npos || close == line.npos || close < open)
    return fail(Errc::malformed, "1: the first line must be '# name(1): summary'");
  Title title{line.substr(2, open - 2), 0, line.substr(close + 3)};
  std::from_chars(line.data() + open + 1, line.data() + close, title.section);
  return title;
}

using Directive = void (Roff::*)(const Usage&);
struct NamedDirective {
  std::string_view name;
  Directive write;
};
constexpr std::array kDirectives{
    NamedDirective{"synopsis", &Roff::synopsis}, NamedDirective{"description", &Roff::description},
    NamedDirective{"options", &Roff::options}, NamedDirective{"examples", &Roff::examples},
    NamedDirective{"exit", &Roff::exit_status}};

// Goes through the lines once; each method takes what belongs to its block.
class Converter {
 public:
  Converter(std::string_view source, Roff& roff) : lines_(split(source, '\n')), roff_(roff) {}

  Result<void> run() {
    while (next_ < lines_.size())
      if (auto r = block(); !r) return r;
    return {};
  }

 private:
  Result<void> block();
  Result<void> directive(std::string_view line);
  Result<void> literal();
  void definition(std::string_view term);
  void paragraph(std::string_view first);

  std::string_view peek() const { return next_ < lines_.size() ? lines_[next_] : ""; }
  std::string continued(std::string_view first);  // and the lines that begin with two blanks
  std::unexpected<Error> wrong(std::string_view why) const {
    return fail(Errc::malformed, fmt::format("{}: {}", next_, why));
  }

  std::vector<std::string_view> lines_;
  std::size_t next_ = 1;  // the title is read
  Roff& roff_;
};

Result<void> Converter::block() {
  auto line = lines_[next_++];
  if (line.empty()) return {};
  if (line.starts_with("{{")) return directive(line);
  if (line == "```") return literal();
  if (line.starts_with("### "))
    roff_.subsection(line.substr(4));
  else if (line.starts_with("## "))
    roff_.section(line.substr(3));
  else if (line.starts_with("- "))
    roff_.bullet(continued(line.substr(2)));
  else if (peek().starts_with(": "))
    definition(line);
  else if (line.starts_with('#') || line.starts_with(' ') || line.starts_with(':'))
    return wrong("this line belongs to no block");
  else
    paragraph(line);
  return {};
}

Result<void> Converter::directive(std::string_view line) {
  auto words = split(line.substr(2, line.find("}}") - 2), ' ');
  const auto* usage = words.size() == 2 ? find_usage(words[1]) : nullptr;
  for (const auto& directive : kDirectives) {
    if (usage == nullptr || directive.name != words[0]) continue;
    (roff_.*directive.write)(*usage);
    return {};
  }
  return wrong("no such directive or command");
}

Result<void> Converter::literal() {
  std::vector<std::string> block;
  while (next_ < lines_.size() && lines_[next_] != "```") block.emplace_back(lines_[next_++]);
  if (next_ == lines_.size()) return wrong("a literal block has no end");
  ++next_;
  roff_.literal(block);
  return {};
}

void Converter::definition(std::string_view term) {
  auto text = lines_[next_++].substr(2);
  roff_.definition(term, continued(text));
}

void Converter::paragraph(std::string_view first) {
  std::string text(first);
  while (!peek().empty()) (text += ' ') += lines_[next_++];
  roff_.paragraph(text);
}

std::string Converter::continued(std::string_view first) {
  std::string text(first);
  while (peek().starts_with("  ")) (text += ' ') += trim(lines_[next_++]);
  return text;
}

}  // namespace

Result<std::string> manual_page(std::string_view source, std::string_view version) {
  auto title = parse_title(source.substr(0, source.find('\n')));
  if (!title) return std::unexpected(title.error());
  Roff roff(title->name, title->section, title->summary, version);
  if (auto r = Converter(source, roff).run(); !r) return std::unexpected(r.error());
  return roff.take();
}

}  // namespace nigh::cli
