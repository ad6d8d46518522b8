// SPDX-License-Identifier: Apache-2.0
// One command on a server: the client's end of a session stream.
#pragma once

#include <nigh/types.hpp>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/connection.hpp"
#include "client/early_body.hpp"
#include "client/request.hpp"
#include "client/run_body.hpp"
#include "service/run/frames.hpp"

namespace nigh::client {

// Who gets a command's output when it is not read() piece by piece. Owes what it took to
// RunStream::consume().
class OutputTaker {
 public:
  virtual ~OutputTaker() = default;
  virtual void take(Channel channel, std::string_view bytes) = 0;
};

class RunStream : public Exchange, public std::enable_shared_from_this<RunStream> {
 public:
  RunStream(std::shared_ptr<Connection> connection, Command command);
  ~RunStream() override;

  // Begins the conversation, in the background: its failure shows in every call below.
  void start();
  // Ends the command, and every call in progress with `why`.
  void end(const Error& why);

  enum class Last { no, yes };  // yes: close_input() behind it, in the same frames
  awaitable<void> write(std::string_view bytes, Last last = Last::no);
  void close_input() { body_.end_input(); }
  awaitable<std::size_t> read(Channel channel, std::span<char> into);
  struct Piece {
    Channel channel;
    std::size_t size;
  };
  awaitable<Piece> read_any(std::span<char> into);
  // Waits for the end of the command. All output of it has been received, read or taken by then.
  awaitable<ExitStatus> wait_exit();

  void signal(std::string_view name);
  void resize(const WindowSize& size);

  // Output, from what is buffered on, goes to `taker`; nullptr: back to read(). The taker outlives
  // its turn.
  void set_taker(OutputTaker* taker);
  void consume(std::size_t count) { connection_->consume(id_, count); }
  RunBody& body() { return body_; }
  void close_output(Channel channel);  // nobody reads it any more: the command gets SIGPIPE
  asio::any_io_executor executor() { return connection_->executor(); }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_closed() override;
  void on_failed(const Error& error) override;

  static awaitable<void> converse(std::shared_ptr<RunStream> self);
  awaitable<Outcome> send(http2::Fields proof);
  http2::Fields fields(http2::Fields proof) const;
  awaitable<void> wait_answered();

  Result<void> on_control(run::Frame type, std::string_view payload);
  Result<void> on_started(std::string_view payload);
  Result<void> on_ack(std::string_view payload);
  Result<void> on_exit(std::string_view payload);
  void on_output(run::Frame type, std::string_view piece);
  void fail(const Error& error);
  bool over() const { return exit_ || failure_; }
  // Not at EXIT already: a stream that we leave before both halves are closed is reset, and a
  // server takes only so many resets.
  bool closed() const { return exit_ && closed_; }

  struct Buffer {
    std::string bytes;
    std::size_t begin = 0;
    std::string_view view() const { return std::string_view(bytes).substr(begin); }
    void drop(std::size_t count);
  };
  Buffer& buffer(Channel channel) { return buffers_[static_cast<std::size_t>(channel)]; }
  std::size_t read_now(Channel channel, std::span<char> into);

  std::shared_ptr<Connection> connection_;
  std::string spec_;
  RunBody body_;
  EarlyBody early_{body_};
  run::FrameDecoder decoder_;
  asio::cancellation_signal stop_conversation_;
  Broadcast changed_;
  http2::StreamId id_ = 0;
  int status_ = 0;
  std::string refusal_;    // the body of an answer that is not 200
  bool answered_ = false;  // 200, or all of another answer
  std::array<Buffer, 2> buffers_;
  std::size_t output_in_feed_ = 0;
  std::uint64_t input_window_ = 0;
  std::uint64_t input_taken_ = 0;  // by the command, as far as we know
  OutputTaker* taker_ = nullptr;
  std::optional<ExitStatus> exit_;
  std::optional<Error> failure_;
  bool closed_ = false;
};

}  // namespace nigh::client
