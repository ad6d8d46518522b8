// SPDX-License-Identifier: Apache-2.0
// <nigh/nigh.hpp>: transfers.
#include <nigh/nigh.hpp>

#include "client/blocking_host.hpp"
#include "client/handles_transfers.hpp"

namespace nigh {

namespace detail = async::detail;
using client::Direction;

TransferReport Host::put(const std::vector<std::string>& sources, const std::string& destination,
                         const TransferOptions& options, const TransferEvents& events,
                         std::stop_token stop) {
  sync::Job job{sources, destination, false, options};
  return state_->loop->call(detail::transfer(state_->connection, Direction::push, job, events),
                            std::move(stop));
}
TransferReport Host::get(const std::vector<std::string>& sources, const std::string& destination,
                         const TransferOptions& options, const TransferEvents& events,
                         std::stop_token stop) {
  sync::Job job{sources, destination, false, options};
  return state_->loop->call(detail::transfer(state_->connection, Direction::pull, job, events),
                            std::move(stop));
}
TransferReport Host::sync_to(const std::string& local, const std::string& remote,
                             const TransferOptions& options, const TransferEvents& events,
                             std::stop_token stop) {
  sync::Job job{{local}, remote, true, options};
  return state_->loop->call(detail::transfer(state_->connection, Direction::push, job, events),
                            std::move(stop));
}
TransferReport Host::sync_from(const std::string& remote, const std::string& local,
                               const TransferOptions& options, const TransferEvents& events,
                               std::stop_token stop) {
  sync::Job job{{remote}, local, true, options};
  return state_->loop->call(detail::transfer(state_->connection, Direction::pull, job, events),
                            std::move(stop));
}

TransferReport relay(Host& from, const std::vector<std::string>& sources, Host& to,
                     const std::string& destination, bool contents, const TransferOptions& options,
                     const TransferEvents& events, std::stop_token stop) {
  // Each host has a loop of its own, so that this thread stands between them.
  auto source = from.state_->loop->call(detail::open_sync(from.state_->connection), stop);
  auto target = to.state_->loop->call(detail::open_sync(to.state_->connection), stop);
  std::stop_callback on_stop(stop, [&] {
    source->cancel();
    target->cancel();
  });
  sync::Job job{sources, destination, contents, options};
  return client::relay(*source, *target, job, events);
}

}  // namespace nigh
