// SPDX-License-Identifier: Apache-2.0
#include "plain/plain.hpp"

#include <fmt/format.h>

#include "plain/datagrams.hpp"
#include "plain/listening.hpp"
#include "plain/stopping.hpp"
#include "plain/streams.hpp"

namespace nigh::plain {
namespace {

awaitable<void> open_and_listen(Options options) {
  auto listening = co_await Listening::open(options);
  if (options.kind != Options::Kind::unix_stream && options.port == 0)
    options.tell(fmt::format("Listening on port {}", listening.port()));
  if (options.kind == Options::Kind::udp)
    co_return co_await listen_to_datagrams(std::move(options), std::move(listening));
  co_await listen_to_stream(std::move(options), std::move(listening));
}

}  // namespace

awaitable<int> listen(Options options, Stop& stop) {
  Stopping stopping(co_await asio::this_coro::executor, stop);
  co_return co_await stopping.run(open_and_listen(std::move(options)));
}

awaitable<int> connect(Options options, Stop& stop) {
  Stopping stopping(co_await asio::this_coro::executor, stop);
  auto work = options.kind == Options::Kind::udp ? connect_to_datagrams(std::move(options))
                                                 : connect_to_stream(std::move(options));
  co_return co_await stopping.run(std::move(work));
}

}  // namespace nigh::plain
