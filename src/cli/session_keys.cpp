// SPDX-License-Identifier: Apache-2.0
#include "cli/session_keys.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "cli/open_anew.hpp"

namespace nigh::cli {

namespace asio = boost::asio;
using Action = EscapeKeys::Action;

namespace {

// Far more than anybody types: somebody pastes, and the host does not take it.
constexpr std::size_t kMostWaiting = 1 << 20;

}  // namespace

asio::awaitable<void> SessionKeys::read() {
  asio::posix::stream_descriptor terminal(co_await asio::this_coro::executor,
                                          open_anew(STDIN_FILENO, O_RDONLY).release());
  std::array<char, 4096> buffer{};
  boost::system::error_code error;
  for (;;) {
    while (waiting_.size() >= kMostWaiting) co_await changed_.wait();
    auto n = co_await terminal.async_read_some(asio::buffer(buffer),
                                               asio::redirect_error(asio::use_awaitable, error));
    if (error || n == 0) co_return;
    typed({buffer.data(), n});
  }
}

void SessionKeys::typed(std::string_view bytes) {
  while (!bytes.empty()) {
    auto action = escape_.take(bytes, waiting_);
    if (action != Action::none) on_action_(action);
  }
  changed_.notify();
}

asio::awaitable<void> SessionKeys::send(async::Process* process) {
  for (;;) {
    while (waiting_.empty()) co_await changed_.wait();
    auto bytes = std::exchange(waiting_, {});
    changed_.notify();
    if (process != nullptr) co_await process->write(bytes);
  }
}

}  // namespace nigh::cli
