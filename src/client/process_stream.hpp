// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "client/broadcast.hpp"

namespace nigh::client {

// Who gets a command's output when it is not read() piece by piece. Owes what it took to
// ProcessStream::consume().
class OutputTaker {
 public:
  virtual ~OutputTaker() = default;
  virtual void take(Channel channel, std::string_view bytes) = 0;
};

// The SPEC frame's payload. Errc::too_large.
std::string spec_of(const Command& command);

// A command on a server as its caller sees it. How it is carried is the subclass's: RunStream ends
// with its connection, SessionStream survives it.
class ProcessStream {
 public:
  explicit ProcessStream(const asio::any_io_executor& executor)
      : executor_(executor), changed_(executor) {}
  virtual ~ProcessStream() = default;
  ProcessStream(const ProcessStream&) = delete;
  ProcessStream& operator=(const ProcessStream&) = delete;

  // Begins the conversation, in the background: its failure shows in every call below.
  virtual void start() = 0;
  // The caller is gone: ends the command, or leaves it, and every call in progress with `why`.
  virtual void end(const Error& why) = 0;
  // Leaves a session, which goes on; Errc::unsupported for what is none.
  virtual void detach() = 0;

  enum class Last { no, yes };  // yes: close_input() behind it, in the same frames
  virtual awaitable<void> write(std::string_view bytes, Last last = Last::no) = 0;
  // All that `fd` gives, then close_input().
  virtual void send_input(UniqueFd fd) = 0;
  virtual void drop_input() = 0;  // input that was not taken yet, and the descriptor
  virtual void close_input() = 0;
  virtual void signal(std::string_view name) = 0;
  virtual void resize(const WindowSize& size) = 0;
  virtual void close_output(Channel channel) = 0;  // nobody reads it: the command gets SIGPIPE
  virtual void consume(std::size_t count) = 0;     // output that a taker took

  awaitable<std::size_t> read(Channel channel, std::span<char> into);
  struct Piece {
    Channel channel;
    std::size_t size;
  };
  awaitable<Piece> read_any(std::span<char> into);
  awaitable<void> wait_started();
  // Waits for the end of the command. All output of it has been received, read or taken by then.
  awaitable<ExitStatus> wait_exit();

  // Output, from what is buffered on, goes to `taker`; nullptr: back to read(). The taker outlives
  // its turn.
  void set_taker(OutputTaker* taker);

  const std::string& session() const { return session_; }  // see nigh::async::Process
  virtual void on_contact(ContactEvents /*events*/) {}
  const asio::any_io_executor& executor() const { return executor_; }
  const std::optional<Error>& failure() const { return failure_; }

 protected:
  // Somebody reads the command's output or waits for its end.
  virtual void on_reader() {}

  // ---- what the subclass tells
  void began(std::string session);
  void output(Channel channel, std::string_view piece);
  void exited(ExitStatus exit) { exit_ = std::move(exit); }
  // Nothing more comes. Not at EXIT already: a stream that we leave before both halves are closed
  // is reset, and a server takes only so many resets.
  void closed();
  // False: it was over already.
  bool failed(const Error& error);

  bool over() const { return exit_ || failure_; }
  bool has_exited() const { return exit_.has_value(); }
  std::size_t buffered() const { return buffers_[0].view().size() + buffers_[1].view().size(); }

 private:
  bool finished() const { return exit_ && closed_; }

  struct Buffer {
    std::string bytes;
    std::size_t begin = 0;
    std::string_view view() const { return std::string_view(bytes).substr(begin); }
    void drop(std::size_t count);
  };
  Buffer& buffer(Channel channel) { return buffers_[static_cast<std::size_t>(channel)]; }
  std::size_t read_now(Channel channel, std::span<char> into);

  asio::any_io_executor executor_;
  std::array<Buffer, 2> buffers_;
  OutputTaker* taker_ = nullptr;
  std::string session_;
  bool started_ = false;
  std::optional<ExitStatus> exit_;
  std::optional<Error> failure_;
  bool closed_ = false;

 protected:
  Broadcast changed_;
};

}  // namespace nigh::client
