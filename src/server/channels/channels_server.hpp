// SPDX-License-Identifier: Apache-2.0
// The process in which the channels of an account meet: senders and receivers come through
// a socket in a private directory, each with the head of its HTTP request, as file processes get
// it. It was started by a worker and outlives it, and ends when nobody has needed it for a while.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/fd_sink.hpp"
#include "io/fd_source.hpp"
#include "server/channels/splice_pipe.hpp"
#include "server/channels/sqlite_store.hpp"
#include "service/channel/hub.hpp"
#include "service/resource/resource.hpp"

namespace nigh::server {

class ChannelsServer final : private channel::HubHost {
 public:
  static constexpr std::size_t kMaxClients = 4000;
  // `on_idle`: nobody was here for `idle`.
  ChannelsServer(asio::io_context& context, std::unique_ptr<SqliteStore> store,
                 std::chrono::milliseconds idle, std::function<void()> on_idle);
  ~ChannelsServer() override;
  void add(UniqueFd socket);
  std::size_t connections() const { return connections_.size(); }

 private:
  using Id = channel::ConnectionId;
  struct Connection;

  // ---- bytes
  void receive(Id id);
  bool read_some(Connection& connection);
  void expect_stream(Id id, bool is_awaited);
  bool pass_some(Connection& from, const channel::Hub::Passage& passage);
  bool take(Connection& connection, std::string_view bytes);
  void hung_up(Id id);
  void drop(Id id);
  void drop_soon(Id id);
  void flush(Connection& connection);
  // ---- requests (channels_requests.cpp)
  bool gather_head(Connection& connection, std::string_view& bytes);
  void serve(Connection& connection, const resource::RequestHead& head);
  void serve_list(Connection& connection);
  void answer(Connection& connection, std::uint32_t status, std::string_view type,
              const std::string& body);
  void refuse(Connection& connection, std::uint32_t status, std::string_view type,
              std::string_view title, const std::string& detail);
  // ---- the hub's
  void send(Id id, std::string_view head, std::string_view payload) override;
  std::size_t queued(Id id) const override;
  void close(Id id) override;
  void settle_soon();
  void settle();
  // ---- time
  void watch_idle();
  void sweep_later();

  asio::io_context& context_;
  std::unique_ptr<SqliteStore> store_;
  channel::Hub hub_;
  std::unordered_map<Id, std::unique_ptr<Connection>> connections_;
  Id last_ = 0;
  std::unique_ptr<char[]> buffer_;
  SplicePipe pipe_;
  bool settle_due_ = false;
  std::vector<Id> unflushed_;
  std::vector<Id> drained_;
  std::vector<Id> paused_;
  std::chrono::milliseconds idle_;
  std::function<void()> on_idle_;
  asio::steady_timer idle_timer_;
  asio::steady_timer sweep_timer_;
};

}  // namespace nigh::server
