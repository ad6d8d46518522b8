// SPDX-License-Identifier: Apache-2.0
#include "client/process_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "service/run/frames.hpp"
#include "service/run/messages.hpp"

namespace nigh::client {

std::string spec_of(const Command& command) {
  auto spec = run::encode_spec(command);
  if (spec.size() > run::kMaxSpec)
    throw Failure(
        Errc::too_large,
        fmt::format("the command and its environment are longer than {} KiB: send what is "
                    "large as standard input",
                    run::kMaxSpec / 1024));
  return spec;
}

// ---- what the subclass tells -------------------------------------------------------------------

void ProcessStream::began(std::string session) {
  session_ = std::move(session);
  started_ = true;
  changed_.notify_all();
}

void ProcessStream::output(Channel channel, std::string_view piece) {
  if (taker_)
    taker_->take(channel, piece);
  else
    buffer(channel).bytes += piece;
}

void ProcessStream::closed() {
  closed_ = true;
  changed_.notify_all();
}

bool ProcessStream::failed(const Error& error) {
  if (over()) return false;
  failure_ = error;
  changed_.notify_all();
  return true;
}

// ---- what the caller does ----------------------------------------------------------------------

void ProcessStream::set_taker(OutputTaker* taker) {
  taker_ = taker;
  if (!taker) return;
  on_reader();
  for (auto channel : {Channel::out, Channel::err}) {
    auto buffered = std::exchange(buffer(channel), Buffer());
    if (!buffered.view().empty()) taker->take(channel, buffered.view());
  }
}

void ProcessStream::Buffer::drop(std::size_t count) {
  begin += count;
  if (begin == bytes.size()) {
    *this = Buffer();  // a burst's memory is not kept
  } else if (begin > bytes.size() / 2) {
    bytes.erase(0, begin);
    begin = 0;
  }
}

std::size_t ProcessStream::read_now(Channel channel, std::span<char> into) {
  auto& from = buffer(channel);
  auto size = std::min(into.size(), from.view().size());
  std::ranges::copy(from.view().substr(0, size), into.begin());
  from.drop(size);
  consume(size);
  return size;
}

awaitable<std::size_t> ProcessStream::read(Channel channel, std::span<char> into) {
  on_reader();
  for (;;) {
    if (auto size = read_now(channel, into); size > 0 || into.empty()) co_return size;
    if (finished()) co_return 0;
    if (failure_) throw Failure(*failure_);
    co_await changed_.wait();
  }
}

awaitable<ProcessStream::Piece> ProcessStream::read_any(std::span<char> into) {
  on_reader();
  for (;;) {
    for (auto channel : {Channel::out, Channel::err})
      if (auto size = read_now(channel, into); size > 0) co_return Piece{channel, size};
    if (finished() || into.empty()) co_return Piece{Channel::out, 0};
    if (failure_) throw Failure(*failure_);
    co_await changed_.wait();
  }
}

awaitable<void> ProcessStream::wait_started() {
  while (!started_ && !failure_) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
}

awaitable<ExitStatus> ProcessStream::wait_exit() {
  on_reader();
  while (!finished() && !failure_) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
  co_return *exit_;
}

}  // namespace nigh::client
