// SPDX-License-Identifier: Apache-2.0
// What the public handles hold, and what they do with it. Used on the connection's executor only.
#pragma once

#include <nigh/async.hpp>

#include <memory>
#include <string>

#include "client/connection.hpp"
#include "client/process_stream.hpp"

namespace nigh::async::detail {

// Closes the connection when the last handle on it goes.
class Connection {
 public:
  explicit Connection(std::shared_ptr<client::Connection> connection)
      : connection_(std::move(connection)) {}
  ~Connection() { connection_->close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const std::shared_ptr<client::Connection>& get() const { return connection_; }

 private:
  std::shared_ptr<client::Connection> connection_;
};

// Ends the command when the last handle on it goes, and keeps its connection.
class RunStream {
 public:
  RunStream(std::shared_ptr<Connection> connection, std::shared_ptr<client::ProcessStream> stream)
      : connection_(std::move(connection)), stream_(std::move(stream)) {
    stream_->start();
  }
  ~RunStream() { end(); }
  RunStream(const RunStream&) = delete;
  RunStream& operator=(const RunStream&) = delete;

  void end() { stream_->end({Errc::cancelled, "the command was ended by its caller"}); }
  const std::shared_ptr<client::ProcessStream>& get() const { return stream_; }

 private:
  std::shared_ptr<Connection> connection_;
  std::shared_ptr<client::ProcessStream> stream_;
};

using ConnectionHandle = std::shared_ptr<Connection>;
using StreamHandle = std::shared_ptr<RunStream>;

awaitable<ConnectionHandle> connect(std::string target, ConnectOptions options);
awaitable<StreamHandle> start(ConnectionHandle connection, Command command);
awaitable<RunResult> run(ConnectionHandle connection, Command command, std::string_view input,
                         std::size_t output_limit);
awaitable<std::vector<SessionInfo>> sessions(ConnectionHandle connection);
awaitable<StreamHandle> attach(ConnectionHandle connection, std::string id_or_name,
                               AttachOptions options);
awaitable<void> end_session(ConnectionHandle connection, std::string id_or_name,
                            std::string signal);
awaitable<ExitStatus> wait_session(ConnectionHandle connection, std::string id_or_name);
std::optional<char> escape_key(const ConnectionHandle& connection);
bool forwards_agent(const ConnectionHandle& connection);
awaitable<ServerInfo> info(ConnectionHandle connection);
awaitable<Token> token(ConnectionHandle connection, std::chrono::seconds lifetime);
awaitable<void> revoke_token(ConnectionHandle connection, std::string id);

awaitable<void> write(StreamHandle stream, std::string_view bytes);
awaitable<std::size_t> read(StreamHandle stream, Channel channel, std::span<char> into);
awaitable<client::ProcessStream::Piece> read_any(StreamHandle stream, std::span<char> into);
awaitable<ExitStatus> wait(StreamHandle stream);
awaitable<void> started(StreamHandle stream);
awaitable<ExitStatus> forward(StreamHandle stream, Process::Descriptors descriptors);

}  // namespace nigh::async::detail
