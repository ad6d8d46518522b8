// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/broadcast.hpp"
#include "client/connection.hpp"
#include "client/request.hpp"
#include "service/channel/frames.hpp"
#include "service/channel/opening.hpp"

namespace nigh::client {

// One end of a channel: a stream of frames, and another one after it as long as that helps.
class ChannelCarrier : public std::enable_shared_from_this<ChannelCarrier>,
                       private Exchange,
                       private http2::BodySource {
 public:
  explicit ChannelCarrier(std::shared_ptr<Connection> connection);
  ~ChannelCarrier() override;
  ChannelCarrier(const ChannelCarrier&) = delete;
  ChannelCarrier& operator=(const ChannelCarrier&) = delete;

  void start();
  // Whatever waits throws that, and the server is told; unless all was done.
  void end(const Error& why);

 protected:
  // ---- what the ends are like
  virtual channel::Opening opening() const = 0;
  // May there be another stream, now that this one is lost?
  virtual bool may_resume() const = 0;
  virtual void on_lost() = 0;
  virtual Result<void> on_frame(channel::Frame type, std::string_view payload) = 0;
  virtual Result<void> on_bytes(std::string_view bytes) = 0;
  virtual std::size_t fill(std::span<char> into) = 0;  // the next bytes to send; 0: none
  // Bytes that arrived and wait for somebody to take them.
  virtual std::size_t waiting() const { return 0; }

  // ---- what they use
  void resume();     // fill() has something
  void take_more();  // waiting() is less
  void finish();     // END_STREAM after what fill() has, and that was it
  void reopen();     // with another opening()
  void changed() { changed_.notify_all(); }
  awaitable<void> wait() { return changed_.wait(); }
  void throw_failure() const;
  const Connection& connection() const { return *connection_; }

 private:
  static awaitable<void> converse(std::shared_ptr<ChannelCarrier> self);
  awaitable<void> talk();
  awaitable<Outcome> send(http2::Fields proof);
  awaitable<void> wait_answered();
  awaitable<void> find_contact(const Error& why);
  awaitable<void> watch();
  void leave();
  Result<void> on_error_frame(std::string_view payload);

  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_closed() override;
  void on_failed(const Error& error) override;
  Chunk read(std::span<char> into) override;

  std::shared_ptr<Connection> connection_;
  bool owns_connection_ = false;  // it was made here
  bool forgotten_ = false;        // the server does not know any more whose the connection is
  Broadcast changed_;
  asio::steady_timer timer_;
  asio::cancellation_signal stop_;
  http2::StreamId id_ = 0;
  int status_ = 0;
  bool answered_ = false;
  std::string refusal_;
  std::optional<channel::FrameDecoder> decoder_;
  std::size_t owed_ = 0;  // of HTTP/2's window
  bool finishing_ = false;
  bool over_ = false;             // in order
  std::optional<Error> broken_;   // this stream
  std::optional<Error> failure_;  // and no other can help
  std::chrono::milliseconds pause_{0};
};

}  // namespace nigh::client
