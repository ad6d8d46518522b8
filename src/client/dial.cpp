// SPDX-License-Identifier: Apache-2.0
#include "client/dial.hpp"

namespace nigh::client {

awaitable<tcp::socket> dial(std::string address, std::vector<tcp::endpoint> endpoints,
                            DialOptions options) {
  auto raced = co_await io::race(std::move(endpoints), options);
  if (!raced) throw Failure(explain_failed_dial(address, raced.error(), options.limit));
  co_return *std::move(raced);
}

}  // namespace nigh::client
