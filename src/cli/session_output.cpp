// SPDX-License-Identifier: Apache-2.0
#include "cli/session_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <optional>

#include "base/error.hpp"
#include "cli/open_anew.hpp"

namespace nigh::cli {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

struct SessionOutput::Stream {
  UniqueFd fd;
  bool terminal;
  std::optional<Descriptor> readiness{};  // when it was needed for the first time

  explicit Stream(int number) : fd(open_anew(number, O_WRONLY)), terminal(::isatty(number) == 1) {}
  ~Stream() {
    if (readiness) readiness->release();  // `fd` closes it
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  asio::awaitable<void> wait_until_writable() {
    if (!readiness) readiness.emplace(co_await asio::this_coro::executor, fd.get());
    co_await readiness->async_wait(Descriptor::wait_write, asio::use_awaitable);
  }

  asio::awaitable<void> write(std::string_view bytes) {
    while (!bytes.empty()) {
      auto n = ::write(fd.get(), bytes.data(), bytes.size());
      if (n >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        co_await wait_until_writable();
      else if (errno != EINTR)
        throw Failure(errno_error("cannot write the output", errno));
    }
  }
};

SessionOutput::SessionOutput()
    : out_(std::make_unique<Stream>(STDOUT_FILENO)),
      err_(std::make_unique<Stream>(STDERR_FILENO)) {}
SessionOutput::~SessionOutput() = default;

asio::awaitable<void> SessionOutput::write(Channel channel, std::string_view bytes) {
  auto& stream = channel == Channel::out ? *out_ : *err_;
  if (stream.terminal) modes_.saw(bytes);
  writing_ = true;
  co_await stream.write(bytes);
  writing_ = false;
}

}  // namespace nigh::cli
