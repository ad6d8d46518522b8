// SPDX-License-Identifier: Apache-2.0
#include "cli/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/utf8.hpp"
#include "cli/wrap.hpp"

namespace nigh::cli {
namespace {

constexpr std::size_t kVerdict = 6;  // "FAIL" and two blanks
constexpr std::size_t kNarrow = 60;

std::string finding_text(const async::Finding& finding, std::size_t widest, std::size_t columns,
                         const Style& style) {
  auto verdict = finding.ok ? style.good("ok  ") : style.bad("FAIL");
  auto what = printable(finding.what);
  auto left = columns < kNarrow ? 2 : kVerdict + widest + 2;
  auto detail = indented(printable(finding.detail), columns, left, left);
  auto text = fmt::format("{}  {}", verdict, what);
  if (columns < kNarrow)
    text += '\n' + detail;
  else
    text += detail.substr(kVerdict + columns_of(what));
  if (!finding.advice.empty()) text += indented(printable(finding.advice), columns, left, left);
  return text;
}

}  // namespace

bool all_well(const Findings& findings) {
  return std::ranges::all_of(findings, &async::Finding::ok);
}

std::string findings_text(const Findings& findings, std::size_t columns, const Style& style) {
  std::size_t widest = 0;
  for (const auto& finding : findings)
    widest = std::max(widest, columns_of(printable(finding.what)));
  std::string text;
  for (const auto& finding : findings) text += finding_text(finding, widest, columns, style);
  return text;
}

std::string findings_json(const std::string& host, const Findings& findings) {
  nlohmann::ordered_json json{{"host", printable(host)}, {"ok", all_well(findings)}};
  json["findings"] = nlohmann::ordered_json::array();
  for (const auto& finding : findings)
    json["findings"].push_back({{"what", printable(finding.what)},
                                {"ok", finding.ok},
                                {"detail", printable(finding.detail)},
                                {"advice", printable(finding.advice)}});
  return json.dump() + '\n';
}

}  // namespace nigh::cli
