// SPDX-License-Identifier: Apache-2.0
#include "cli/capture.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace nigh::cli {
namespace {

namespace asio = boost::asio;
using Chunk = std::array<char, 64u << 10>;

Failure too_large() {
  return {Errc::too_large, fmt::format("more than {} MiB of output, which --json keeps in memory; "
                                       "leave --json out, and it is streamed",
                                       kCaptureLimit >> 20)};
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Failure(errno_error("cannot make a pipe", errno));
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Reads to the end. Above the limit it closes its end instead, and the command's side is closed
// in turn, as in a local pipe.
asio::awaitable<void> drain(UniqueFd from, std::string& into, bool& overflowed) {
  asio::posix::stream_descriptor pipe(co_await asio::this_coro::executor, from.release());
  Chunk chunk;
  boost::system::error_code error;
  for (;;) {
    auto n = co_await pipe.async_read_some(asio::buffer(chunk),
                                           asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    overflowed = into.size() + n > kCaptureLimit;
    if (overflowed) co_return;
    into.append(chunk.data(), n);
  }
}

// Closes the pipes when it ends, in whatever way, so that drain() ends as well.
asio::awaitable<void> forward(async::Process& process, UniqueFd out, UniqueFd err,
                              ExitStatus& exit) {
  exit = co_await process.forward({.in = STDIN_FILENO, .out = out.get(), .err = err.get()});
}

}  // namespace

asio::awaitable<ExitStatus> capture(async::Process& process, Captured& into) {
  process.close_input();
  auto chunk = std::make_unique<Chunk>();
  for (;;) {
    auto piece = co_await process.read_any(*chunk);
    if (piece.size == 0) break;
    auto& text = piece.channel == Channel::out ? into.out : into.err;
    if (text.size() + piece.size > kCaptureLimit) throw too_large();
    text.append(chunk->data(), piece.size);
  }
  co_return co_await process.wait();
}

asio::awaitable<ExitStatus> capture_with_input(async::Process& process, Captured& into) {
  using namespace asio::experimental::awaitable_operators;
  auto out = make_pipe();
  auto err = make_pipe();
  ExitStatus exit;
  bool out_overflowed = false;
  bool err_overflowed = false;
  co_await (forward(process, std::move(out.write), std::move(err.write), exit) &&
            drain(std::move(out.read), into.out, out_overflowed) &&
            drain(std::move(err.read), into.err, err_overflowed));
  if (out_overflowed || err_overflowed) throw too_large();
  co_return exit;
}

}  // namespace nigh::cli
