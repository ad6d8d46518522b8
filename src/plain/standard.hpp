// SPDX-License-Identifier: Apache-2.0
// Standard input and output, for coroutines.
#pragma once

#include <memory>
#include <string_view>

#include "client/broadcast.hpp"
#include "io/fd_sink.hpp"
#include "io/fd_source.hpp"
#include "io/runtime.hpp"
#include "io/standard_stream.hpp"

namespace nigh::plain {

// Nobody reads our output any more (EPIPE): no reason to complain.
struct NobodyReads {};

class Input {
 public:
  explicit Input(const asio::any_io_executor& executor);

  // The next piece, `limit` bytes at most, good until the next call; empty: it has ended.
  awaitable<std::string_view> next(std::size_t limit = kBuffer);
  // A terminal does not end by itself: nobody would know that somebody waits for that.
  bool is_terminal() const;
  // As if it had ended.
  void end();
  static constexpr std::size_t kBuffer = 1 << 20;

 private:
  io::StandardStream stream_;
  io::Wake ready_;
  io::FdSource source_;
  std::unique_ptr<char[]> buffer_;
  bool ended_ = false;
};

class Output {
 public:
  enum class Form { bytes, lines };  // lines: `Received data: TEXT` for each piece
  Output(const asio::any_io_executor& executor, Form form);

  // `piece` may go when it returns.
  void write(std::string_view piece);
  // Waits until all is written. Throws NobodyReads, or why it cannot be written.
  awaitable<void> drained();

 private:
  Form form_;
  io::StandardStream stream_;
  client::Broadcast changed_;
  int broken_ = 0;  // errno
  io::FdSink sink_;
};

}  // namespace nigh::plain
