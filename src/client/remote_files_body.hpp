// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "client/request.hpp"

namespace nigh::client {

// The body of the answer to one GET, read piece by piece, so that its size does not matter. What is
// not read holds the server back. Lives where the coroutine that reads it lives, and not longer
// than the connection.
class BodyReader : public Exchange {
 public:
  explicit BodyReader(Connection& connection)
      : connection_(connection), changed_(connection.executor()) {}
  ~BodyReader() override;
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  // Returns when the answer has begun, with a status of 2xx; else throws as request() does. `limit`
  // is for that beginning; Duration::max() is none.
  awaitable<void> open(std::string path, io::Duration limit);
  // What has arrived; empty: that was all.
  awaitable<std::string> next();

 private:
  void on_headers(const http2::Fields& fields) override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_failed(const Error& error) override;

  awaitable<Outcome> send(http2::Fields proof);
  awaitable<void> wait_begun();

  Connection& connection_;
  Broadcast changed_;
  std::string path_;
  io::Duration limit_{};
  http2::StreamId id_ = 0;
  int status_ = 0;
  std::string bytes_;  // the document of another status than 2xx, or what was not read yet
  bool done_ = false;
  std::optional<Error> failure_;
};

}  // namespace nigh::client
