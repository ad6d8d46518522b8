// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "client/early_body.hpp"
#include "client/file_channel_queue.hpp"
#include "client/request.hpp"

namespace nigh::client {

// What a FileChannel and the loop share: the loop's side is an Exchange and a BodySource, the
// threads' side blocks. Two queues of bytes lie between them; threads ask the loop for something
// by asio::post only, and only when it sleeps or when much has come together.
class FileStream final : public Exchange,
                         private http2::BodySource,
                         public std::enable_shared_from_this<FileStream> {
 public:
  FileStream(std::shared_ptr<Connection> connection, Request what);

  // ---- on the loop
  void start();
  awaitable<void> opened();
  void close();  // no thread uses it any more
  int status() const { return status_; }
  const http2::Fields& headers() const { return headers_; }

  // ---- on other threads
  std::size_t read_now_or_wait(std::span<char> into);
  void write(std::string_view bytes);
  void finish();
  void cancel();

  // ---- on any
  asio::any_io_executor executor() const { return executor_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t received() const { return received_; }

 private:
  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_closed() override;
  void on_failed(const Error& error) override;
  Chunk read(std::span<char> into) override;

  static awaitable<void> converse(std::shared_ptr<FileStream> self);
  static awaitable<void> linger(std::shared_ptr<FileStream> self);
  awaitable<Outcome> send(http2::Fields proof);
  awaitable<void> wait_answered();
  bool has_body() const { return what_.method == "CONNECT" || what_.method == "PUT"; }
  bool succeeded() const { return status_ / 100 == 2; }
  void fail(const Error& error);
  void throw_failure();
  void wake_all();

  std::size_t wait_for_room();
  void wake_loop();
  void give_back(std::size_t at_least);

  const std::shared_ptr<Connection> connection_;
  const asio::any_io_executor executor_;
  const std::string address_;
  const Request what_;

  // ---- the loop's
  EarlyBody early_{*this};
  asio::cancellation_signal stop_conversation_;
  Broadcast changed_;
  http2::StreamId id_ = 0;
  int status_ = 0;
  http2::Fields headers_;
  std::string refusal_;    // the body of an answer that is not 2xx
  bool answered_ = false;  // 2xx, or all of another answer
  bool open_ = false;      // the server has agreed
  bool closed_ = false;    // both halves have ended

  // ---- shared
  BlockQueue outgoing_;
  BlockQueue incoming_;
  std::atomic<std::uint64_t> sent_ = 0;
  std::atomic<std::uint64_t> received_ = 0;
  mutable std::mutex mutex_;  // of what follows
  std::condition_variable can_read_;
  std::condition_variable can_write_;
  std::optional<Error> failure_;
  bool cancelled_ = false;      // failure_ is for what arrived before, too
  bool ended_ = false;          // the server's half
  bool finished_ = false;       // ours, behind what is queued
  bool takes_nothing_ = false;  // the server ended the stream, whatever we still have
  bool reader_waits_ = false;
  bool writer_waits_ = false;
  bool body_waits_ = false;  // read() said wait

  // ---- the reading thread's
  std::size_t owed_ = 0;  // of HTTP/2's window
};

}  // namespace nigh::client
