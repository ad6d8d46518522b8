// SPDX-License-Identifier: Apache-2.0
// The side of a command: using a connection that another process keeps.
#pragma once

#include <nigh/types.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/connection.hpp"
#include "client/kept_messages.hpp"

namespace nigh::client {

// A connection to `endpoint` through the process that keeps one, which is started if `options` and
// `endpoint` want that. nullptr: there is none, make another; what prevented it is only a step of
// `progress`, unless it was asked for in so many words (Kept::start). Throws what is wrong with the
// server or with our keys. Its pump does not run yet.
awaitable<std::shared_ptr<Connection>> connect_kept(Endpoint endpoint, ConnectOptions options,
                                                    Progress progress);

// What the process that listens under a name answers. Throws if nobody does, or nothing of use.
awaitable<FromKeeper> ask_keeper(tcp::socket& socket, ToKeeper word);

awaitable<std::vector<KeptConnection>> kept_connections(std::optional<std::string> target,
                                                        ConnectOptions options);
awaitable<std::vector<KeptConnection>> end_kept_connections(std::optional<std::string> target,
                                                            bool drain, ConnectOptions options);

}  // namespace nigh::client
