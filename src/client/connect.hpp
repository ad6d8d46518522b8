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

}  // namespace nigh::client
