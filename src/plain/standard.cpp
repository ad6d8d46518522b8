// SPDX-License-Identifier: Apache-2.0
#include "plain/standard.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"

namespace nigh::plain {

using io::StandardStream;

Input::Input(const asio::any_io_executor& executor)
    : stream_(unwrap(StandardStream::open(STDIN_FILENO, StandardStream::For::reading))),
      ready_(executor),
      source_(executor, stream_.take(), [this] { ready_.notify(); }),
      buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {}

awaitable<std::string_view> Input::next(std::size_t limit) {
  while (!ended_) {
    auto read = source_.read({buffer_.get(), std::min(limit, kBuffer)});
    ended_ = read.ended;
    if (read.size > 0) {
      // Input that is always there, as a file's is, must not starve the other direction.
      co_await asio::post(asio::use_awaitable);
      co_return std::string_view(buffer_.get(), read.size);
    }
    if (!ended_) co_await ready_.wait();
  }
  co_return std::string_view();
}

bool Input::is_terminal() const { return ::isatty(STDIN_FILENO) == 1; }

void Input::end() {
  ended_ = true;
  ready_.notify();
}

Output::Output(const asio::any_io_executor& executor, Form form)
    : form_(form),
      stream_(unwrap(StandardStream::open(STDOUT_FILENO, StandardStream::For::writing))),
      changed_(executor),
      sink_(executor, stream_.take(),
            io::FdSink::Events{[this](std::size_t) { changed_.notify_all(); },
                               [this](int error_number) {
                                 broken_ = error_number;
                                 changed_.notify_all();
                               },
                               [] {}}) {}

void Output::write(std::string_view piece) {
  if (form_ == Form::bytes)
    sink_.write(piece);
  else
    sink_.write(fmt::format("Received data: {}\n", printable(piece)));
}

awaitable<void> Output::drained() {
  while (broken_ == 0 && sink_.queued() > 0) co_await changed_.wait();
  if (broken_ == EPIPE) throw NobodyReads();
  if (broken_ != 0) throw Failure(errno_error("cannot write standard output", broken_));
}

}  // namespace nigh::plain
