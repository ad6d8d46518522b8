// SPDX-License-Identifier: Apache-2.0
#include "plain/acceptor.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "base/tcp_options.hpp"
#include "client/kept_words.hpp"

namespace nigh::plain {

Acceptor::Acceptor(const asio::any_io_executor& executor, Listening listening)
    : executor_(executor), ready_(executor), listening_(std::move(listening)) {
  for (auto& fd : listening_.take())
    sockets_.push_back(std::make_unique<io::Readiness>(
        executor, std::move(fd), io::Readiness::For::reading, [this] { ready_.notify(); }));
}

awaitable<tcp::socket> Acceptor::next() {
  for (;;) {
    for (auto& socket : sockets_) {
      UniqueFd fd(::accept4(socket->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (fd.valid()) {
        tune_guest(fd.get());
        co_return client::dressed(executor_, std::move(fd));
      }
      // One that has left again may have been the first of several.
      if (errno == ECONNABORTED || errno == EINTR)
        ready_.notify();
      else if (errno == EAGAIN)
        socket->arm();
      else
        throw Failure(errno_error("cannot take a connection", errno));
    }
    co_await ready_.wait();
  }
}

}  // namespace nigh::plain
