// SPDX-License-Identifier: Apache-2.0
#include "io/readiness.hpp"

#include <sys/epoll.h>

#include <cerrno>
#include <optional>

namespace nigh::io {
namespace {

bool can_be_watched(int fd) {
  UniqueFd probe(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{};
  return ::epoll_ctl(probe.get(), EPOLL_CTL_ADD, fd, &event) == 0 || errno != EPERM;
}

auto wait_type(Readiness::For direction) {
  using Descriptor = asio::posix::stream_descriptor;
  switch (direction) {
    case Readiness::For::reading:
      return Descriptor::wait_read;
    case Readiness::For::writing:
      return Descriptor::wait_write;
    case Readiness::For::hangup:
      break;
  }
  return Descriptor::wait_error;
}

}  // namespace

struct Readiness::Descriptor {
  Descriptor(const asio::any_io_executor& its_executor, UniqueFd fd) : executor(its_executor) {
    if (!can_be_watched(fd.get())) {
      plain = std::move(fd);
      return;
    }
    watched.emplace(executor);
    watched->assign(fd.get());
    (void)fd.release();
  }
  asio::any_io_executor executor;
  UniqueFd plain;                                         // when it cannot be watched
  std::optional<asio::posix::stream_descriptor> watched;  // when it can
};

struct Readiness::State {
  std::shared_ptr<Descriptor> descriptor;
  asio::posix::stream_descriptor::wait_type wait_type;
  std::function<void()> callback;
  bool armed = false;
};

Readiness::Readiness(const asio::any_io_executor& executor, UniqueFd fd, For direction,
                     std::function<void()> callback)
    : state_(std::make_shared<State>(State{std::make_shared<Descriptor>(executor, std::move(fd)),
                                           io::wait_type(direction), std::move(callback)})) {}

Readiness::Readiness(const Readiness& other, For direction, std::function<void()> callback)
    : state_(std::make_shared<State>(
          State{other.state_->descriptor, io::wait_type(direction), std::move(callback)})) {}

Readiness::~Readiness() { state_->callback = nullptr; }

int Readiness::fd() const {
  auto& descriptor = *state_->descriptor;
  return descriptor.watched ? descriptor.watched->native_handle() : descriptor.plain.get();
}

void Readiness::arm() {
  if (state_->armed) return;
  state_->armed = true;
  auto fire = [weak = std::weak_ptr(state_)](boost::system::error_code = {}) {
    auto state = weak.lock();
    if (!state) return;
    state->armed = false;
    // The callback may destroy the Readiness and with it itself.
    if (auto callback = state->callback) callback();
  };
  auto& descriptor = *state_->descriptor;
  if (descriptor.watched)
    descriptor.watched->async_wait(state_->wait_type, fire);
  else
    asio::post(descriptor.executor, fire);
}

}  // namespace nigh::io
