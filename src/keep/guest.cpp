// SPDX-License-Identifier: Apache-2.0
#include "keep/guest.hpp"

#include <utility>

namespace nigh::keep {
namespace {

// A stream's window is what lies here at most of what a command sends: next to it, so little keeps
// the way to the server full.
http2::Limits limits() {
  http2::Limits limits;
  limits.stream_window = 4 << 20;
  limits.connection_window = 64 << 20;
  limits.concurrent_streams = 16'384;  // the server has the last word
  limits.budgets.resets = 20'000;      // of tunnels, as the programs at their ends reset theirs
  return limits;
}

}  // namespace

Guest::Guest(tcp::socket bare, Upstream& upstream)
    : upstream_(upstream), h2_(std::move(bare), http2::Role::server, limits(), *this) {}

awaitable<void> Guest::serve() {
  try {
    co_await h2_.handshake();
    co_await h2_.run();
  } catch (const std::exception&) {
    // It may leave as it likes.
  }
  relays_.clear();
  gone_.clear();
}

void Guest::end() { h2_.terminate(http2::kNoError); }

void Guest::send_away() {
  for (auto& [id, relay] : relays_) relay->leave_if_it_can();
}

// The relay is in the middle of what ended it.
void Guest::forget(http2::StreamId id) {
  auto gone = relays_.extract(id);
  if (!gone.empty()) gone_.push_back(std::move(gone.mapped()));
}

void Guest::on_headers(http2::StreamId id, http2::Fields fields, bool end_of_stream) {
  gone_.clear();
  auto relay = std::make_unique<Relay>(h2_, id, upstream_, [this, id] { forget(id); });
  auto& added = *(relays_[id] = std::move(relay));
  added.begin(std::move(fields), end_of_stream);
}

void Guest::on_data(http2::StreamId id, std::string_view bytes) {
  if (auto found = relays_.find(id); found != relays_.end()) return found->second->data(bytes);
  h2_.consume_connection(bytes.size());
}

void Guest::on_end(http2::StreamId id) {
  if (auto found = relays_.find(id); found != relays_.end()) found->second->end();
}

void Guest::on_close(http2::StreamId id, std::uint32_t error_code) {
  if (auto found = relays_.find(id); found != relays_.end()) found->second->closed(error_code);
}

}  // namespace nigh::keep
