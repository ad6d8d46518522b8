// SPDX-License-Identifier: Apache-2.0
#include "cli/session_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/text.hpp"
#include "cli/duration.hpp"
#include "cli/file_text.hpp"
#include "cli/outcome.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using Json = nlohmann::ordered_json;

// In the order in which they stand. The command comes last and gets what room is left.
enum Column : std::size_t { kId, kName, kCreated, kClients, kSize, kState, kColumns };
using Cells = std::array<std::string, kColumns>;
constexpr std::array kHeadings{"ID", "NAME", "CREATED", "CLIENTS", "SIZE", "IDLE"};
// Left out of a narrow terminal, one by one.
constexpr std::array kDispensable{kSize, kCreated, kClients, kName};
constexpr std::size_t kGap = 2;
constexpr std::size_t kSmallestCommand = 12;

std::string state_of(const SessionInfo& session) {
  if (!session.exit) return describe(session.idle);
  const auto& exit = *session.exit;
  return exit.signal.empty() ? fmt::format("exit {}", exit.code) : "SIG" + printable(exit.signal);
}

std::string clients_of(const SessionInfo& session) {
  if (session.clients.empty()) return "-";
  auto first = printable(session.clients[0]);
  auto more = session.clients.size() - 1;
  return more == 0 ? first : fmt::format("{} +{}", first, more);
}

// A login shell is called "-bash": that dash makes it one.
std::string command_of(const SessionInfo& session) {
  return session.command.starts_with('-') ? "login shell" : printable(session.command);
}

Cells cells_of(const SessionInfo& session, std::time_t now) {
  auto created = std::chrono::system_clock::to_time_t(session.created);
  auto size = session.terminal ? fmt::format("{}x{}", session.size.columns, session.size.rows)
                               : std::string("-");
  return {printable(session.id),
          session.name.empty() ? "-" : printable(session.name),
          list_time(created, now),
          clients_of(session),
          size,
          state_of(session)};
}

std::string cut(const std::string& text, std::size_t columns) {
  if (columns_of(text) <= columns) return text;
  std::string out;
  for (char c : text) {
    if (columns_of(out + c) >= columns) break;  // room for the mark
    out += c;
  }
  return out + "+";
}

class Table {
 public:
  Table(std::size_t columns, const Style& style) : columns_(columns), style_(style) {
    add({kHeadings.begin(), kHeadings.end()}, "COMMAND");
  }
  void add(const std::vector<std::string>& cells, std::string command) {
    for (std::size_t i = 0; i < kColumns; ++i)
      widths_[i] = std::max(widths_[i], columns_of(cells[i]));
    rows_.push_back({cells, std::move(command)});
  }

  std::string text() {
    auto left_out = kDispensable.begin();
    while (used() + kSmallestCommand > columns_ && left_out != kDispensable.end())
      widths_[*left_out++] = 0;
    std::string out;
    for (const auto& row : rows_) {
      auto line = line_of(row);
      out += (&row == &rows_.front() ? style_.bold(line) : line) + '\n';
    }
    return out;
  }

 private:
  struct Row {
    std::vector<std::string> cells;
    std::string command;
  };

  std::size_t used() const {
    std::size_t used = 0;
    for (auto width : widths_) used += width > 0 ? width + kGap : 0;
    return used;
  }
  std::string line_of(const Row& row) const {
    std::string line;
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (widths_[i] == 0) continue;
      line += row.cells[i];
      line.append(widths_[i] - columns_of(row.cells[i]) + kGap, ' ');
    }
    line += cut(row.command, columns_ > used() ? columns_ - used() : 1);
    line.erase(line.find_last_not_of(' ') + 1);
    return cut(line, columns_);
  }

  std::size_t columns_;
  const Style& style_;
  std::array<std::size_t, kColumns> widths_{};
  std::vector<Row> rows_;
};

// JSON holds text only; what is no UTF-8 is shown as a person would see it.
std::string text(const std::string& bytes) { return is_utf8(bytes) ? bytes : printable(bytes); }

}  // namespace

std::string session_table(std::vector<SessionInfo> sessions, std::size_t columns,
                          std::chrono::system_clock::time_point now, const Style& style) {
  if (sessions.empty()) return "";
  std::ranges::sort(sessions, [](const SessionInfo& a, const SessionInfo& b) {
    return std::tie(a.created, a.id) < std::tie(b.created, b.id);
  });
  Table table(columns, style);
  for (const auto& session : sessions) {
    auto cells = cells_of(session, std::chrono::system_clock::to_time_t(now));
    table.add({cells.begin(), cells.end()}, command_of(session));
  }
  return table.text();
}

std::string session_json(const SessionInfo& session) {
  Json json;
  json["id"] = text(session.id);
  json["name"] = session.name.empty() ? Json() : Json(text(session.name));
  json["command"] = text(session.command);
  json["created"] = rfc3339(session.created);
  json["terminal"] = session.terminal;
  json["keep"] = session.keep;
  json["clients"] = Json::array();
  for (const auto& client : session.clients) json["clients"].push_back(text(client));
  if (session.terminal) {
    json["columns"] = session.size.columns;
    json["rows"] = session.size.rows;
  }
  json["idle_seconds"] = session.idle.count();
  json["running"] = !session.exit;
  if (session.exit) {
    bool by_signal = !session.exit->signal.empty();
    json["exit"] = by_signal ? Json() : Json(session.exit->code);
    json["signal"] = by_signal ? Json(text(session.exit->signal)) : Json();
  }
  return json.dump();
}

const std::string& handle_of(const SessionInfo& session) {
  return session.name.empty() ? session.id : session.name;
}

std::string describe_session(const SessionInfo& session) {
  auto state = session.exit ? state_of(session) : fmt::format("idle for {}", state_of(session));
  return fmt::format("{} ({}, {})", printable(handle_of(session)), cut(command_of(session), 40),
                     state);
}

}  // namespace nigh::cli
