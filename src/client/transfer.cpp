// SPDX-License-Identifier: Apache-2.0
#include "client/transfer.hpp"

#include "client/transfer_thread.hpp"

namespace nigh::client {
namespace {

using Clock = std::chrono::steady_clock;

std::shared_ptr<FileChannel> start_sync(std::shared_ptr<Connection> connection) {
  Request what{.method = "CONNECT", .protocol = "nigh-sync", .path = "/v1/sync"};
  return FileChannel::start(std::move(connection), std::move(what));
}

// What the engine does not know.
void complete(TransferReport& report, Clock::time_point begin, std::uint64_t sent,
              std::uint64_t received) {
  if (report.elapsed.count() == 0)
    report.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
  if (report.wire_sent == 0) report.wire_sent = sent;
  if (report.wire_received == 0) report.wire_received = received;
}

TransferReport run(Direction direction, FileChannel& channel, const sync::Job& job,
                   const TransferEvents& events) {
  auto begin = Clock::now();
  auto report = direction == Direction::push ? sync::push(channel, job, events)
                                             : sync::pull(channel, job, events);
  complete(report, begin, channel.sent(), channel.received());
  return report;
}

}  // namespace

awaitable<TransferReport> transfer(std::shared_ptr<Connection> connection, Direction direction,
                                   sync::Job job, TransferEvents events) {
  auto channel = start_sync(connection);
  TransferThread thread(
      connection->executor(), [&] { return run(direction, *channel, job, events); },
      [channel] { channel->cancel(); });
  co_return co_await thread.wait();
}

awaitable<TransferReport> relay(std::shared_ptr<Connection> from, std::shared_ptr<Connection> to,
                                sync::Job job, TransferEvents events) {
  auto source = start_sync(from);
  auto target = start_sync(to);
  TransferThread thread(
      from->executor(), [&] { return relay(*source, *target, job, events); },
      [source, target] {
        source->cancel();
        target->cancel();
      });
  co_return co_await thread.wait();
}

awaitable<std::shared_ptr<FileChannel>> open_sync(std::shared_ptr<Connection> connection) {
  auto channel = start_sync(std::move(connection));
  co_await channel->opened();
  co_return channel;
}

TransferReport relay(FileChannel& from, FileChannel& to, const sync::Job& job,
                     const TransferEvents& events) {
  auto begin = Clock::now();
  auto report = sync::relay(from, to, job, events);
  complete(report, begin, from.sent() + to.sent(), from.received() + to.received());
  return report;
}

}  // namespace nigh::client
