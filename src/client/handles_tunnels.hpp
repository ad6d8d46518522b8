// SPDX-License-Identifier: Apache-2.0
// What the public handles of tunnels hold, and what they do with it. Used on the connection's
// executor only.
#pragma once

#include <nigh/tunnels.hpp>

#include <memory>
#include <string>

#include "client/forwarder.hpp"
#include "client/handles.hpp"
#include "client/inward_listener.hpp"
#include "client/tunnel_pipe.hpp"

namespace nigh::async::detail {

// Leaves the tunnel when the last handle on it goes, and keeps its connection.
class OpenTunnel {
 public:
  OpenTunnel(ConnectionHandle connection, std::unique_ptr<client::TunnelStream> stream)
      : connection_(std::move(connection)),
        pipe_(std::make_shared<client::TunnelPipe>(std::move(stream))) {}
  ~OpenTunnel() { leave(); }
  OpenTunnel(const OpenTunnel&) = delete;
  OpenTunnel& operator=(const OpenTunnel&) = delete;

  void leave() { pipe_->leave(); }
  void reset() { pipe_->reset({Errc::cancelled, "the stream was reset"}); }
  const std::shared_ptr<client::TunnelPipe>& get() const { return pipe_; }

 private:
  ConnectionHandle connection_;
  std::shared_ptr<client::TunnelPipe> pipe_;
};

struct OpenListener {
  explicit OpenListener(const ConnectionHandle& handle)
      : connection(handle), inward(handle->get()) {}
  ConnectionHandle connection;
  client::InwardListener inward;
  std::string address;
};

// Ends the forwards when the last handle on them goes.
class OpenForwarding {
 public:
  explicit OpenForwarding(std::shared_ptr<client::Forwarder> forwarder)
      : forwarder_(std::move(forwarder)) {}
  ~OpenForwarding() { end(); }
  OpenForwarding(const OpenForwarding&) = delete;
  OpenForwarding& operator=(const OpenForwarding&) = delete;

  void end() { forwarder_->end(); }
  const std::shared_ptr<client::Forwarder>& get() const { return forwarder_; }

 private:
  std::shared_ptr<client::Forwarder> forwarder_;
};

using TunnelHandle = std::shared_ptr<OpenTunnel>;
using ListenerHandle = std::shared_ptr<OpenListener>;
using ForwardingHandle = std::shared_ptr<OpenForwarding>;

awaitable<TunnelHandle> dial(ConnectionHandle connection, std::string kind, std::string address);
awaitable<ListenerHandle> listen(ConnectionHandle connection, std::string kind,
                                 std::string address);
awaitable<TunnelHandle> accept(ListenerHandle listener);
awaitable<ForwardingHandle> forward(ConnectionHandle connection, Forwards forwards,
                                    ForwardEvents events);

awaitable<std::size_t> read(TunnelHandle tunnel, std::span<char> into);
awaitable<void> write(TunnelHandle tunnel, std::string_view bytes);
awaitable<void> wait(ForwardingHandle forwarding);

}  // namespace nigh::async::detail
