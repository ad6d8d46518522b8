// SPDX-License-Identifier: Apache-2.0
// <nigh/async.hpp>: tunnels. As in async.cpp, no member is a coroutine.
#include <nigh/async.hpp>

#include "client/handles_tunnels.hpp"

namespace nigh::async {
namespace {

awaitable<Stream> dial_stream(detail::ConnectionHandle connection, std::string kind,
                              std::string address) {
  co_return Stream(
      co_await detail::dial(std::move(connection), std::move(kind), std::move(address)));
}

awaitable<Listener> open_listener(detail::ConnectionHandle connection, std::string kind,
                                  std::string address) {
  co_return Listener(
      co_await detail::listen(std::move(connection), std::move(kind), std::move(address)));
}

awaitable<Stream> accept_stream(detail::ListenerHandle listener) {
  co_return Stream(co_await detail::accept(std::move(listener)));
}

awaitable<Forwarding> open_forwarding(detail::ConnectionHandle connection, Forwards forwards,
                                      ForwardEvents events) {
  co_return Forwarding(
      co_await detail::forward(std::move(connection), std::move(forwards), std::move(events)));
}

}  // namespace

Stream::Stream() = default;
Stream::Stream(std::shared_ptr<detail::OpenTunnel> tunnel) : tunnel_(std::move(tunnel)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&& other) noexcept {
  if (this == &other) return *this;
  if (tunnel_) tunnel_->leave();
  tunnel_ = std::move(other.tunnel_);
  return *this;
}
Stream::~Stream() {
  if (tunnel_) tunnel_->leave();  // also what is under way and holds it
}
awaitable<std::size_t> Stream::read(std::span<char> into) { return detail::read(tunnel_, into); }
awaitable<void> Stream::write(std::string_view bytes) { return detail::write(tunnel_, bytes); }
void Stream::close_output() { tunnel_->get()->close_output(); }
void Stream::reset() { tunnel_->reset(); }

Listener::Listener() = default;
Listener::Listener(std::shared_ptr<detail::OpenListener> listener)
    : listener_(std::move(listener)) {}
const std::string& Listener::address() const { return listener_->address; }
awaitable<Stream> Listener::accept() { return accept_stream(listener_); }

Forwarding::Forwarding() = default;
Forwarding::Forwarding(std::shared_ptr<detail::OpenForwarding> forwarding)
    : forwarding_(std::move(forwarding)) {}
Forwarding::Forwarding(Forwarding&&) noexcept = default;
Forwarding& Forwarding::operator=(Forwarding&& other) noexcept {
  if (this == &other) return *this;
  if (forwarding_) forwarding_->end();
  forwarding_ = std::move(other.forwarding_);
  return *this;
}
Forwarding::~Forwarding() {
  if (forwarding_) forwarding_->end();
}
const std::vector<Listening>& Forwarding::listening() const {
  return forwarding_->get()->listening();
}
awaitable<void> Forwarding::wait() { return detail::wait(forwarding_); }

awaitable<Stream> Host::dial(std::string kind, std::string address) {
  return dial_stream(connection_, std::move(kind), std::move(address));
}
awaitable<Listener> Host::listen(std::string kind, std::string address) {
  return open_listener(connection_, std::move(kind), std::move(address));
}
awaitable<Forwarding> Host::forward(Forwards forwards, ForwardEvents events) {
  return open_forwarding(connection_, std::move(forwards), std::move(events));
}

}  // namespace nigh::async
