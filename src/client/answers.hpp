// SPDX-License-Identifier: Apache-2.0
// What a server says in JSON. Hostile until parsed: every text that a person may see is made
// printable, every number is checked.
#pragma once

#include <nigh/types.hpp>

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::client {

// A problem document (RFC 9457), or whatever else came with a status that is not 2xx, as an Error
// whose message is the document's `detail`.
Error parse_problem(int status, std::string_view body);

// `GET /v1/`: {"version":"0.1.0","features":["run",…],"user":"ada"}. Unknown members are skipped:
// later servers say more. Only these three fields of the result are set.
Result<ServerInfo> parse_server_info(std::string_view body);

// `POST /v1/tokens`: {"id":"…","token":"…","expires":"2026-01-02T03:04:05Z"}.
Result<Token> parse_token(std::string_view body);

// The request body for it.
std::string token_request(std::chrono::seconds lifetime);

}  // namespace nigh::client
