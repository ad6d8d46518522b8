// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_interrupt.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace nigh::cli {

namespace asio = boost::asio;

asio::awaitable<void> until_signal(Supervisor& supervisor, int& signal,
                                   asio::awaitable<void> work) {
  asio::cancellation_signal cancel;
  Supervisor::Stop stop(supervisor, [&](int received) {
    signal = received;
    cancel.emit(asio::cancellation_type::all);
  });
  // On its own, so that the caller is not cancelled with it and can clean up.
  co_await asio::co_spawn(co_await asio::this_coro::executor, std::move(work),
                          asio::bind_cancellation_slot(cancel.slot(), asio::use_awaitable));
}

}  // namespace nigh::cli
