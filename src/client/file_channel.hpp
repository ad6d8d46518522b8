// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "base/channel.hpp"
#include "client/request.hpp"

namespace nigh::client {

class FileStream;

// The bytes of one request and of its answer, for threads that block. Made on the connection's
// loop; read(), write(), finish() and cancel() are for other threads, one that reads and one that
// writes, while the loop runs. What is written waits in a few MiB for the network, what arrives is
// kept up to HTTP/2's window.
//
// Once the connection is gone they throw Errc::closed with what became of it; what had arrived
// before can be read still.
class FileChannel final : public ByteChannel {
 public:
  // Sends a request: a CONNECT or PUT has a body that is written here, others have none. Bytes may
  // be written at once, and the first leave with the request. A refusal shows in every call, as
  // what the problem document says.
  static std::shared_ptr<FileChannel> start(std::shared_ptr<Connection> connection, Request what);
  // The same, and waits for the server's consent.
  static awaitable<std::shared_ptr<FileChannel>> open(std::shared_ptr<Connection> connection,
                                                      Request what);

  // Ends the request, on the loop: the server is told if it was not over. From any thread.
  ~FileChannel() override;
  FileChannel(const FileChannel&) = delete;
  FileChannel& operator=(const FileChannel&) = delete;

  // On the loop: waits for the head of the answer; throws the server's refusal.
  awaitable<void> opened();
  // After opened().
  int status() const;
  const http2::Fields& headers() const;

  std::size_t read(std::span<char> into) override;
  void write(std::string_view bytes) override;
  void finish() override;
  void cancel() override;

  // Bytes of the body that went out and that came in, so far; from any thread.
  std::uint64_t sent() const;
  std::uint64_t received() const;

 private:
  explicit FileChannel(std::shared_ptr<FileStream> stream) : stream_(std::move(stream)) {}

  std::shared_ptr<FileStream> stream_;
};

}  // namespace nigh::client
