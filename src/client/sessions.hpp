// SPDX-License-Identifier: Apache-2.0
// The sessions of a server, as requests about them.
#pragma once

#include <nigh/types.hpp>

#include <string>
#include <vector>

#include "client/connection.hpp"

namespace nigh::client {

awaitable<std::vector<SessionInfo>> list_sessions(Connection& connection);
// By its id, or else its name. Errc::not_found.
awaitable<SessionInfo> look_up_session(Connection& connection, std::string id_or_name);
awaitable<void> end_session(Connection& connection, std::string id_or_name, std::string signal);
// As long as it takes.
awaitable<ExitStatus> wait_session(Connection& connection, std::string id_or_name);

}  // namespace nigh::client
