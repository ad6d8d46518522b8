// SPDX-License-Identifier: Apache-2.0
// <nigh/nigh.hpp>: tunnels.
#include <nigh/nigh.hpp>

#include "client/blocking_host.hpp"
#include "client/handles_tunnels.hpp"

namespace nigh {

namespace detail = async::detail;
using client::LoopThread;

// ---- Stream ------------------------------------------------------------------------------------

struct Stream::State {
  State(std::shared_ptr<LoopThread> thread, detail::TunnelHandle handle)
      : loop(std::move(thread)), tunnel(std::move(handle)) {}
  ~State() {  // on its own thread
    loop->post_and_wait([this] {
      tunnel->leave();
      tunnel.reset();
    });
  }

  std::shared_ptr<LoopThread> loop;
  detail::TunnelHandle tunnel;
};

Stream::Stream(std::unique_ptr<State> state) : state_(std::move(state)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

std::size_t Stream::read(std::span<char> into) {
  return state_->loop->call(detail::read(state_->tunnel, into));
}
void Stream::write(std::string_view bytes) {
  state_->loop->call(detail::write(state_->tunnel, bytes));
}
void Stream::close_output() {
  state_->loop->post([tunnel = state_->tunnel] { tunnel->get()->close_output(); });
}
void Stream::reset() {
  state_->loop->post([tunnel = state_->tunnel] { tunnel->reset(); });
}

// ---- Listener ----------------------------------------------------------------------------------

struct Listener::State {
  State(std::shared_ptr<LoopThread> thread, detail::ListenerHandle handle)
      : loop(std::move(thread)), listener(std::move(handle)), address(listener->address) {}
  ~State() {
    loop->post_and_wait([this] { listener.reset(); });
  }

  std::shared_ptr<LoopThread> loop;
  detail::ListenerHandle listener;
  std::string address;
};

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

const std::string& Listener::address() const { return state_->address; }
Stream Listener::accept(std::stop_token stop) {
  auto tunnel = state_->loop->call(detail::accept(state_->listener), std::move(stop));
  return Stream(std::make_unique<Stream::State>(state_->loop, std::move(tunnel)));
}

// ---- Forwarding --------------------------------------------------------------------------------

struct Forwarding::State {
  State(std::shared_ptr<LoopThread> thread, detail::ForwardingHandle handle)
      : loop(std::move(thread)),
        forwarding(std::move(handle)),
        listening(forwarding->get()->listening()) {}
  ~State() {
    loop->post_and_wait([this] {
      forwarding->end();
      forwarding.reset();
    });
  }

  std::shared_ptr<LoopThread> loop;
  detail::ForwardingHandle forwarding;
  std::vector<Listening> listening;
};

Forwarding::Forwarding(std::unique_ptr<State> state) : state_(std::move(state)) {}
Forwarding::Forwarding(Forwarding&&) noexcept = default;
Forwarding& Forwarding::operator=(Forwarding&&) noexcept = default;
Forwarding::~Forwarding() = default;

const std::vector<Listening>& Forwarding::listening() const { return state_->listening; }
void Forwarding::wait(std::stop_token stop) {
  state_->loop->call(detail::wait(state_->forwarding), std::move(stop));
}

// ---- Host --------------------------------------------------------------------------------------

Stream Host::dial(const std::string& kind, const std::string& address) {
  auto tunnel = state_->loop->call(detail::dial(state_->connection, kind, address));
  return Stream(std::make_unique<Stream::State>(state_->loop, std::move(tunnel)));
}

Listener Host::listen(const std::string& kind, const std::string& address) {
  auto listener = state_->loop->call(detail::listen(state_->connection, kind, address));
  return Listener(std::make_unique<Listener::State>(state_->loop, std::move(listener)));
}

Forwarding Host::forward(const Forwards& forwards, const ForwardEvents& events) {
  auto forwarding = state_->loop->call(detail::forward(state_->connection, forwards, events));
  return Forwarding(std::make_unique<Forwarding::State>(state_->loop, std::move(forwarding)));
}

}  // namespace nigh
