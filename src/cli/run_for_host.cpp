// SPDX-License-Identifier: Apache-2.0
#include "cli/run_for_host.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/failure.hpp"

namespace nigh::cli {

int run_for_host(Supervisor& supervisor, const std::string& host, async::awaitable<int> work,
                 int failed) {
  try {
    return supervisor.run(std::move(work));
  } catch (...) {
    auto error = to_error(std::current_exception());
    complain(fmt::format("{}: {}", printable(host), error.message));
    return failed;
  }
}

}  // namespace nigh::cli
