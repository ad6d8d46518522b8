// SPDX-License-Identifier: Apache-2.0
// How sessions are shown. Pure.
#pragma once

#include <nigh/types.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "cli/style.hpp"

namespace nigh::cli {

// One line a session under a line of headings, the oldest first; a command that does not fit into
// `columns` is cut, and so is what a narrow terminal has no room for. Without sessions: empty.
std::string session_table(std::vector<SessionInfo> sessions, std::size_t columns,
                          std::chrono::system_clock::time_point now, const Style& style);

// One JSON object, without a line feed.
std::string session_json(const SessionInfo& session);

// What a person calls it: the name, else the id.
const std::string& handle_of(const SessionInfo& session);

// "work (vim notes, idle for 5 min)": for a list to choose from, in words.
std::string describe_session(const SessionInfo& session);

}  // namespace nigh::cli
