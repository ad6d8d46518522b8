// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/option_rows.hpp"
#include "cli/utf8.hpp"
#include "cli/wrap.hpp"

namespace nigh::cli {
namespace {

constexpr std::size_t kNarrow = 60;

struct Row {
  std::string left;
  std::string_view right;
};

class Page {
 public:
  Page(std::size_t columns, const Style& style) : columns_(columns), style_(style) {}

  void paragraph(std::string_view text) { text_ += indented(text, columns_, 0, 0); }
  void blank() { text_ += '\n'; }
  void heading(std::string_view text) { text_ += fmt::format("\n{}\n", style_.bold(text)); }
  void line(std::string_view text) { text_ += indented(text, columns_, 2, 6); }
  void line_and_note(std::string_view text, std::string_view note) {
    line(text);
    text_ += style_.dim(indented(note, columns_, 6, 6));
  }
  // Two columns, or one under the other where that would be cramped.
  void table(const std::vector<Row>& rows);
  std::string take() { return std::move(text_); }

 private:
  void beside(const Row& row, std::size_t left_columns);
  void below(const Row& row);

  std::size_t columns_;
  Style style_;
  std::string text_;
};

void Page::table(const std::vector<Row>& rows) {
  constexpr std::size_t kWidestLeft = 28;
  std::size_t left = 0;
  for (const auto& row : rows) left = std::max(left, columns_of(row.left));
  for (const auto& row : rows) {
    if (columns_ < kNarrow)
      below(row);
    else
      beside(row, std::min(left, kWidestLeft));
  }
}

void Page::beside(const Row& row, std::size_t left_columns) {
  auto width = columns_of(row.left);
  auto rest = left_columns + 4;
  auto right = indented(row.right, columns_, rest, rest);
  text_ += "  " + row.left;
  if (width > left_columns)
    text_ += '\n' + right;
  else
    text_ += right.substr(2 + width);  // our text stands where its indentation was
}

void Page::below(const Row& row) {
  line(row.left);
  text_ += indented(row.right, columns_, 4, 4);
}

std::vector<Row> rows_of(const std::vector<OptionRow>& options) {
  std::vector<Row> rows;
  for (const auto& option : options) {
    // Long names line up, whether or not there is a short one.
    std::string left = option.names.starts_with("--") ? "    " : "";
    left += option.names + (option.value.empty() ? "" : " " + option.value);
    rows.push_back({left, option.says});
  }
  return rows;
}

void add_exits(Page& page, const Usage& usage) {
  if (usage.exits.empty()) return;
  page.heading("Exit status:");
  std::vector<Row> rows;
  for (const auto& note : usage.exits) rows.push_back({std::string(note.status), note.says});
  page.table(rows);
}

}  // namespace

std::string overview(std::size_t columns, const Style& style) {
  Page page(columns, style);
  page.paragraph(
      "nigh makes a remote machine near: commands, shells and files over HTTP/2 and TLS 1.3, with "
      "the SSH keys you already have.");
  page.heading("Examples:");
  for (const auto& example : first_examples()) page.line_and_note(example.command, example.says);
  page.heading("Commands:");
  std::vector<Row> rows;
  for (const auto* usage : usages()) rows.push_back({std::string(usage->name), usage->summary});
  page.table(rows);
  page.blank();
  page.paragraph("`nigh COMMAND --help` explains one; `man nigh` tells all.");
  return page.take();
}

std::string help_for(const Usage& usage, std::size_t columns, const Style& style) {
  Page page(columns, style);
  page.paragraph(fmt::format("nigh {}: {}", usage.name, usage.summary));
  page.heading("Usage:");
  for (auto form : usage.synopsis) page.line(fmt::format("nigh {}", form));
  for (auto paragraph : split(usage.description, '\n')) {
    page.blank();
    page.paragraph(paragraph);
  }
  auto options = option_rows(usage);
  if (!options.empty()) {
    page.heading("Options:");
    page.table(rows_of(options));
  }
  page.heading("Examples:");
  for (const auto& example : usage.examples) page.line_and_note(example.command, example.says);
  add_exits(page, usage);
  return page.take();
}

}  // namespace nigh::cli
