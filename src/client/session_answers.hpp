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

}  // namespace nigh::client
