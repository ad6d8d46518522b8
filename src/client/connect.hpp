// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <memory>
#include <string>

#include "client/connection.hpp"

namespace nigh::client {

// Name, address, TLS, host key: a connection whose pump runs. Who we are is proved by its first
// request. Throws Failure; every reason has its own message.
awaitable<std::shared_ptr<Connection>> connect(std::string target, ConnectOptions options);

// The same for somebody whose name is resolved, over a connection of our own.
awaitable<std::shared_ptr<Connection>> connect_directly(
    Endpoint endpoint, std::function<bool(const UnknownHostKey&)> confirm, Progress progress);

// The first steps of it, for those who want to tell them apart.
awaitable<std::vector<tcp::endpoint>> look_up_within(Endpoint endpoint, io::Duration limit);
void start_pump(const std::shared_ptr<Connection>& connection);

}  // namespace nigh::client
