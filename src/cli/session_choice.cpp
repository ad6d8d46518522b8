// SPDX-License-Identifier: Apache-2.0
#include "cli/session_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "cli/session_table.hpp"

namespace nigh::cli {

Result<SessionInfo> named_session(const std::vector<SessionInfo>& sessions,
                                  std::string_view named) {
  for (auto member : {&SessionInfo::id, &SessionInfo::name})
    if (auto found = std::ranges::find(sessions, named, member); found != sessions.end())
      return *found;
  if (sessions.empty())
    return fail(Errc::not_found,
                fmt::format("there is no session '{}', nor any other", printable(named)));
  return fail(Errc::not_found, fmt::format("there is no session '{}'; there are {}",
                                           printable(named), list_sessions(sessions)));
}

std::vector<SessionInfo> lasting(std::vector<SessionInfo> sessions) {
  std::erase_if(sessions, [](const SessionInfo& session) {
    return !session.terminal && !session.keep && session.name.empty();
  });
  return sessions;
}

std::vector<SessionInfo> candidates(const std::vector<SessionInfo>& sessions) {
  auto there = lasting(sessions);
  std::vector<SessionInfo> running;
  for (const auto& session : there)
    if (!session.exit) running.push_back(session);
  return running.empty() ? there : running;
}

std::string choice_question(const std::vector<SessionInfo>& sessions) {
  std::string text;
  for (std::size_t i = 0; i < sessions.size(); ++i)
    text += fmt::format("{:>3}  {}\n", i + 1, describe_session(sessions[i]));
  return text + fmt::format("Which? (1 to {}, or a name) ", sessions.size());
}

std::optional<std::size_t> choice_typed(const std::vector<SessionInfo>& sessions,
                                        std::string_view typed) {
  typed = trim(typed);
  auto position = [&](auto found) { return static_cast<std::size_t>(found - sessions.begin()); };
  for (auto member : {&SessionInfo::id, &SessionInfo::name})
    if (auto found = std::ranges::find(sessions, typed, member);
        !typed.empty() && found != sessions.end())
      return position(found);
  std::size_t number = 0;
  auto [rest, error] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
  bool good = error == std::errc() && rest == typed.data() + typed.size();
  if (!good || number < 1 || number > sessions.size()) return std::nullopt;
  return number - 1;
}

std::string list_sessions(const std::vector<SessionInfo>& sessions) {
  std::string text;
  for (const auto& session : sessions)
    text += (text.empty() ? "" : ", ") + describe_session(session);
  return text;
}

}  // namespace nigh::cli
