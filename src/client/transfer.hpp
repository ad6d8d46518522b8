// SPDX-License-Identifier: Apache-2.0
// Tree transfers between this machine and a host, or between two hosts. The engine
// (service/sync/sync.hpp) blocks: it runs on a thread of its own, beside the connection's loop.
#pragma once

#include <nigh/files.hpp>

#include <memory>

#include "client/file_channel.hpp"
#include "service/sync/sync.hpp"

namespace nigh::client {

enum class Direction { push, pull };

// Throw what the engine throws, and Errc::cancelled if the coroutine is cancelled, once the engine
// has come to its end. `events` are called on its threads.
awaitable<TransferReport> transfer(std::shared_ptr<Connection> connection, Direction direction,
                                   sync::Job job, TransferEvents events);
awaitable<TransferReport> relay(std::shared_ptr<Connection> from, std::shared_ptr<Connection> to,
                                sync::Job job, TransferEvents events);

// The parts of relay() for a caller that blocks, with a loop for each connection: open_sync() on
// the loops, the transfer on the caller's own thread.
awaitable<std::shared_ptr<FileChannel>> open_sync(std::shared_ptr<Connection> connection);
TransferReport relay(FileChannel& from, FileChannel& to, const sync::Job& job,
                     const TransferEvents& events);

}  // namespace nigh::client
