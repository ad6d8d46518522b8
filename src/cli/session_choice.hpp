// SPDX-License-Identifier: Apache-2.0
// Which session is meant. Pure.
#pragma once

#include <nigh/types.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nigh::cli {

// The session with this id, else with this name. Errc::not_found names those that there are.
Result<SessionInfo> named_session(const std::vector<SessionInfo>& sessions, std::string_view named);

// Without the commands that end with their client: nobody attaches to these by chance.
std::vector<SessionInfo> lasting(std::vector<SessionInfo> sessions);

// What there is to choose from when nobody named one: of those that last, those that run, else
// those that are kept.
std::vector<SessionInfo> candidates(const std::vector<SessionInfo>& sessions);

// What a person is asked, one line a session, and which it is that was typed: a number from 1 on,
// an id or a name. nullopt: none of them.
std::string choice_question(const std::vector<SessionInfo>& sessions);
std::optional<std::size_t> choice_typed(const std::vector<SessionInfo>& sessions,
                                        std::string_view typed);

// "work (…), k3v9x2mq (…)": for an error.
std::string list_sessions(const std::vector<SessionInfo>& sessions);

}  // namespace nigh::cli
