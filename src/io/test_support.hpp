// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "io/asio.hpp"
#include "io/runtime.hpp"

namespace nigh::io {

// Runs `task` to its end on an io_context of its own; its failure, if any.
inline std::optional<Error> run_to_error(awaitable<void> task) {
  asio::io_context context(1);
  std::optional<Error> error;
  asio::co_spawn(context, std::move(task), [&](std::exception_ptr failure) {
    if (failure) error = to_error(failure);
  });
  context.run();
  return error;
}

}  // namespace nigh::io
