// SPDX-License-Identifier: Apache-2.0
// <nigh/async.hpp>: transfers. As in async.cpp, no member is a coroutine.
#include <nigh/async.hpp>

#include "client/handles_transfers.hpp"

namespace nigh::async {
namespace {

using client::Direction;

sync::Job copy_job(std::vector<std::string> sources, std::string destination,
                   TransferOptions options) {
  return {std::move(sources), std::move(destination), false, std::move(options)};
}

sync::Job contents_job(std::string source, std::string destination, TransferOptions options) {
  return {{std::move(source)}, std::move(destination), true, std::move(options)};
}

}  // namespace

awaitable<TransferReport> Host::put(std::vector<std::string> sources, std::string destination,
                                    TransferOptions options, TransferEvents events) {
  auto job = copy_job(std::move(sources), std::move(destination), std::move(options));
  return detail::transfer(connection_, Direction::push, std::move(job), std::move(events));
}
awaitable<TransferReport> Host::get(std::vector<std::string> sources, std::string destination,
                                    TransferOptions options, TransferEvents events) {
  auto job = copy_job(std::move(sources), std::move(destination), std::move(options));
  return detail::transfer(connection_, Direction::pull, std::move(job), std::move(events));
}
awaitable<TransferReport> Host::sync_to(std::string local, std::string remote,
                                        TransferOptions options, TransferEvents events) {
  auto job = contents_job(std::move(local), std::move(remote), std::move(options));
  return detail::transfer(connection_, Direction::push, std::move(job), std::move(events));
}
awaitable<TransferReport> Host::sync_from(std::string remote, std::string local,
                                          TransferOptions options, TransferEvents events) {
  auto job = contents_job(std::move(remote), std::move(local), std::move(options));
  return detail::transfer(connection_, Direction::pull, std::move(job), std::move(events));
}

awaitable<TransferReport> relay(Host from, std::vector<std::string> sources, Host to,
                                std::string destination, bool contents, TransferOptions options,
                                TransferEvents events) {
  sync::Job job{std::move(sources), std::move(destination), contents, std::move(options)};
  return detail::relay(from.connection_, to.connection_, std::move(job), std::move(events));
}

}  // namespace nigh::async
