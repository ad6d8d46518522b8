// SPDX-License-Identifier: Apache-2.0
#include "client/handles_transfers.hpp"

namespace nigh::async::detail {

awaitable<TransferReport> transfer(ConnectionHandle connection, client::Direction direction,
                                   sync::Job job, TransferEvents events) {
  co_return co_await client::transfer(connection->get(), direction, std::move(job),
                                      std::move(events));
}
awaitable<TransferReport> relay(ConnectionHandle from, ConnectionHandle to, sync::Job job,
                                TransferEvents events) {
  co_return co_await client::relay(from->get(), to->get(), std::move(job), std::move(events));
}

awaitable<std::shared_ptr<client::FileChannel>> open_sync(ConnectionHandle connection) {
  co_return co_await client::open_sync(connection->get());
}

}  // namespace nigh::async::detail
