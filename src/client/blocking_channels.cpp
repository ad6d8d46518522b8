// SPDX-License-Identifier: Apache-2.0
// <nigh/nigh.hpp>: channels.
#include <nigh/nigh.hpp>

#include "client/blocking_host.hpp"
#include "client/handles_channels.hpp"

namespace nigh {

namespace detail = async::detail;

namespace {

async::awaitable<detail::ChannelOutHandle> begin_sender(detail::ConnectionHandle connection,
                                                        std::string name,
                                                        ChannelSendOptions options) {
  co_return detail::open_sender(connection, name, options);
}

async::awaitable<detail::ChannelInHandle> begin_receiver(detail::ConnectionHandle connection,
                                                         std::string name,
                                                         ChannelReceiveOptions options) {
  co_return detail::open_receiver(connection, name, options);
}

// What is behind a handle; it must go on the loop's own thread.
template <class Handle>
struct OnLoop {
  OnLoop(std::shared_ptr<client::LoopThread> thread, Handle opened)
      : loop(std::move(thread)), handle(std::move(opened)) {}
  ~OnLoop() {
    loop->post_and_wait([this] {
      handle->leave();
      handle.reset();
    });
  }
  OnLoop(const OnLoop&) = delete;
  OnLoop& operator=(const OnLoop&) = delete;

  std::shared_ptr<client::LoopThread> loop;
  Handle handle;
};

}  // namespace

struct ChannelSender::State : OnLoop<detail::ChannelOutHandle> {
  using OnLoop::OnLoop;
};
struct ChannelReceiver::State : OnLoop<detail::ChannelInHandle> {
  using OnLoop::OnLoop;
};
struct NamedChannel::State {
  std::shared_ptr<client::LoopThread> loop;
  detail::ConnectionHandle connection;
  std::string name;
};

ChannelSender::ChannelSender(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChannelSender::ChannelSender(ChannelSender&&) noexcept = default;
ChannelSender& ChannelSender::operator=(ChannelSender&&) noexcept = default;
ChannelSender::~ChannelSender() = default;

void ChannelSender::send(std::string_view bytes, std::stop_token stop) {
  state_->loop->call(detail::send(state_->handle, bytes), std::move(stop));
}
void ChannelSender::send(std::span<const std::string_view> messages, std::stop_token stop) {
  state_->loop->call(detail::send(state_->handle, messages), std::move(stop));
}
void ChannelSender::finish(std::stop_token stop) {
  state_->loop->call(detail::finish(state_->handle), std::move(stop));
}

ChannelReceiver::ChannelReceiver(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChannelReceiver::ChannelReceiver(ChannelReceiver&&) noexcept = default;
ChannelReceiver& ChannelReceiver::operator=(ChannelReceiver&&) noexcept = default;
ChannelReceiver::~ChannelReceiver() = default;

std::optional<ChannelItem> ChannelReceiver::receive(std::stop_token stop) {
  return state_->loop->call(detail::receive(state_->handle), std::move(stop));
}
void ChannelReceiver::acknowledge() {
  state_->loop->post_and_wait([this] { state_->handle->get()->acknowledge(); });
}
void ChannelReceiver::finish(std::stop_token stop) {
  state_->loop->call(detail::finish(state_->handle), std::move(stop));
}

NamedChannel::NamedChannel(std::unique_ptr<State> state) : state_(std::move(state)) {}
NamedChannel::NamedChannel(NamedChannel&&) noexcept = default;
NamedChannel& NamedChannel::operator=(NamedChannel&&) noexcept = default;
// The connection is the Host's, and ends there.
NamedChannel::~NamedChannel() {
  if (state_) state_->loop->post_and_wait([this] { state_->connection.reset(); });
}

ChannelSender NamedChannel::sender(const ChannelSendOptions& options) const {
  auto handle = state_->loop->call(begin_sender(state_->connection, state_->name, options));
  return ChannelSender(std::make_unique<ChannelSender::State>(state_->loop, std::move(handle)));
}
ChannelReceiver NamedChannel::receiver(const ChannelReceiveOptions& options) const {
  auto handle = state_->loop->call(begin_receiver(state_->connection, state_->name, options));
  return ChannelReceiver(std::make_unique<ChannelReceiver::State>(state_->loop, std::move(handle)));
}

NamedChannel Host::channel(const std::string& name) {
  return NamedChannel(std::make_unique<NamedChannel::State>(
      NamedChannel::State{state_->loop, state_->connection, name}));
}

}  // namespace nigh
