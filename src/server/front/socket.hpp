// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_fd.hpp"
#include "io/asio.hpp"

namespace nigh::server {

// A connected TCP socket that another process accepted, as Asio's. Throws Failure if it is none.
tcp::socket adopt_socket(const asio::any_io_executor& executor, UniqueFd fd);

}  // namespace nigh::server
