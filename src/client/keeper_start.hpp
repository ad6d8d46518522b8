// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <optional>
#include <string>

#include "client/progress.hpp"
#include "client/resolve.hpp"

namespace nigh::client {

// Starts a process that connects to `endpoint`, listens in `directory` and stays. Returns when it
// does, or when there is another that does; until then it asks what has to be asked: about an
// unknown host through `options`, for passphrases at the terminal. Throws what was wrong with the
// server or with our keys, as connecting throws it; what prevented only the keeping is returned.
awaitable<std::optional<Error>> start_keeper(Endpoint endpoint, std::string directory,
                                             ConnectOptions options, Progress progress);

}  // namespace nigh::client
