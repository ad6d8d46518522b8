// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/handles.hpp"
#include "client/transfer.hpp"

namespace nigh::async::detail {

awaitable<TransferReport> transfer(ConnectionHandle connection, client::Direction direction,
                                   sync::Job job, TransferEvents events);
awaitable<TransferReport> relay(ConnectionHandle from, ConnectionHandle to, sync::Job job,
                                TransferEvents events);

// For a caller that blocks: see client::open_sync().
awaitable<std::shared_ptr<client::FileChannel>> open_sync(ConnectionHandle connection);

}  // namespace nigh::async::detail
