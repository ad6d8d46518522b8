// SPDX-License-Identifier: Apache-2.0
#include "cli/channel_input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/open_anew.hpp"

namespace nigh::cli {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kPipe = 1 << 20;

}  // namespace

// A duplicate, so that what asio closes is not ours.
struct ChannelInput::Readable {
  Readable(const asio::any_io_executor& executor, int fd)
      : descriptor(executor, ::fcntl(fd, F_DUPFD_CLOEXEC, 3)) {}
  asio::posix::stream_descriptor descriptor;
};

ChannelInput::ChannelInput(ChannelInput&& other) noexcept = default;
ChannelInput::~ChannelInput() = default;

ChannelInput::ChannelInput(const std::string& file)
    : name_(file == "-" ? "standard input" : printable(file)),
      fd_(file == "-" ? open_anew(STDIN_FILENO, O_RDONLY)
                      : UniqueFd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY))) {
  if (!fd_.valid()) throw Failure(errno_error("cannot open " + name_, errno));
}

void ChannelInput::widen() const {
  (void)::fcntl(fd_.get(), F_SETPIPE_SZ, static_cast<int>(kPipe));  // only a pipe has a size to set
}

asio::awaitable<std::size_t> ChannelInput::read(std::span<char> into) {
  for (;;) {
    auto got = ::read(fd_.get(), into.data(), into.size());
    if (got >= 0) co_return static_cast<std::size_t>(got);
    if (errno == EAGAIN)
      co_await wait();
    else if (errno != EINTR)
      throw Failure(errno_error("cannot read " + name_, errno));
  }
}

asio::awaitable<void> ChannelInput::wait() {
  if (!readable_)
    readable_ = std::make_unique<Readable>(co_await asio::this_coro::executor, fd_.get());
  co_await readable_->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                            asio::use_awaitable);
}

asio::awaitable<std::string> ChannelInput::read_all(std::size_t limit) {
  std::string all;
  for (;;) {
    const auto before = all.size();
    all.resize(std::min(limit + 1, before + (64u << 10)));
    auto got = co_await read(std::span(all).subspan(before));
    all.resize(before + got);
    if (got == 0) co_return all;
    if (all.size() > limit)
      throw Failure(Errc::too_large,
                    fmt::format("{} is more than a message can be, which is {} bytes: without "
                                "--message it is a stream",
                                name_, limit));
  }
}

}  // namespace nigh::cli
