// SPDX-License-Identifier: Apache-2.0
// What a server says in JSON about sessions; see answers.hpp.
#pragma once

#include <nigh/types.hpp>

#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nigh::client {

// `GET /v1/sessions`: {"sessions":[{"id":"…","name":"…","command":"…","created":"…Z",…},…]}.
Result<std::vector<SessionInfo>> parse_sessions(std::string_view body);

// `GET /v1/sessions/{id}`: one of them.
Result<SessionInfo> parse_session(std::string_view body);

// The session that a person calls `id_or_name`. An id goes before a name. Errc::not_found;
// Errc::usage if several have that name.
Result<SessionInfo> find_session(const std::vector<SessionInfo>& sessions,
                                 std::string_view id_or_name);

}  // namespace nigh::client
