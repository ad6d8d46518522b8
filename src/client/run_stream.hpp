// SPDX-License-Identifier: Apache-2.0
// One command on a server: the client's end of a session stream.
#pragma once

#include <nigh/types.hpp>

#include <memory>
#include <string>
#include <string_view>

#include "client/connection.hpp"
#include "client/early_body.hpp"
#include "client/process_stream.hpp"
#include "client/request.hpp"
#include "client/run_body.hpp"
#include "service/run/frames.hpp"

namespace nigh::client {

class RunStream : public ProcessStream,
                  public Exchange,
                  public std::enable_shared_from_this<RunStream> {
 public:
  RunStream(std::shared_ptr<Connection> connection, Command command);
  ~RunStream() override;

  void start() override;
  void end(const Error& why) override;
  void detach() override;
  awaitable<void> write(std::string_view bytes, Last last = Last::no) override;
  void send_input(UniqueFd fd) override { body_.send_input(executor(), std::move(fd)); }
  void drop_input() override { body_.drop_input(); }
  void close_input() override { body_.end_input(); }
  void signal(std::string_view name) override;
  void resize(const WindowSize& size) override;
  void close_output(Channel channel) override;
  void consume(std::size_t count) override { connection_->consume(id_, count); }

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

  std::shared_ptr<Connection> connection_;
  std::string spec_;
  RunBody body_;
  EarlyBody early_{body_};
  run::FrameDecoder decoder_;
  asio::cancellation_signal stop_conversation_;
  http2::StreamId id_ = 0;
  int status_ = 0;
  std::string refusal_;    // the body of an answer that is not 200
  bool answered_ = false;  // 200, or all of another answer
  std::size_t output_in_feed_ = 0;
  std::uint64_t input_window_ = 0;
  std::uint64_t input_taken_ = 0;  // by the command, as far as we know
};

}  // namespace nigh::client
