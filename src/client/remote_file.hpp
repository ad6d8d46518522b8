// SPDX-License-Identifier: Apache-2.0
// One open file on a host: the client's end of a nigh-file stream.
#pragma once

#include <nigh/files.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/connection.hpp"
#include "client/remote_file_body.hpp"
#include "client/remote_file_frames.hpp"
#include "client/request.hpp"

namespace nigh::client {

// Any number of operations may be under way; a coroutine that waits for one may be cancelled, which
// leaves the operation to run on unheard.
class RemoteFile : public Exchange, public std::enable_shared_from_this<RemoteFile> {
 public:
  RemoteFile(std::shared_ptr<Connection> connection, std::string path, OpenMode mode);
  ~RemoteFile() override;

  awaitable<void> open();  // first, and once
  // The owner is done with it: what is under way ends with Errc::cancelled.
  void close();

  awaitable<std::size_t> read_at(std::uint64_t offset, std::span<char> into);
  awaitable<void> write_at(std::uint64_t offset, std::string_view bytes);
  awaitable<FileStatus> status();
  awaitable<void> truncate(std::uint64_t size);
  awaitable<void> sync();

 private:
  // A request on its way, or its answer.
  struct Operation {
    Operation(const asio::any_io_executor& executor, FileFrame answer)
        : expected(answer), changed(executor) {}
    FileFrame expected;
    std::size_t limit = 0;  // of a READ's data, or what a WRITE sends
    std::span<char> into;   // empty: nobody wants the data any more
    std::size_t got = 0;    // data
    FileStatus status{};
    bool over = false;
    std::optional<Error> error{};
    Broadcast changed;
  };
  using Running = std::shared_ptr<Operation>;
  class Group;  // of operations that one call waits for

  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_closed() override;
  void on_failed(const Error& error) override;

  awaitable<Outcome> send(http2::Fields proof);
  awaitable<void> wait_answered();
  static awaitable<void> linger(std::shared_ptr<RemoteFile> self);

  Running begin(FileFrame expected, std::string frame, std::size_t limit = 0);
  awaitable<void> finish(Running operation);
  Result<void> on_piece(std::string_view piece);
  Result<void> on_answer(FileFrame type, std::string_view payload);
  Result<void> settle(Operation& operation, FileFrame type, std::string_view payload);
  void fail(const Error& error);

  std::shared_ptr<Connection> connection_;
  std::string url_;
  FrameQueue body_;
  FileAnswers answers_;
  Broadcast changed_;
  http2::StreamId id_ = 0;
  int status_ = 0;
  std::string refusal_;    // the body of an answer that is not 200
  bool answered_ = false;  // 200, or all of another answer
  bool closed_ = false;    // both halves
  std::deque<Running> running_;
  std::optional<Error> failure_;
};

}  // namespace nigh::client
