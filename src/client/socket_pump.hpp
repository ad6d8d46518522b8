// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/unique_fd.hpp"
#include "client/broadcast.hpp"
#include "client/tunnel_stream.hpp"
#include "io/fd_sink.hpp"
#include "io/fd_source.hpp"

namespace nigh::client {

// Closing `fd` or its duplicates will reset the connection (TCP) and not end it.
void reset_on_close(int fd);

// What becomes of a tunnel whose socket breaks: a reset, as in TCP; or first all that was written
// to the socket before, and the end, where it is a program's own word that goes through
// (client/way.hpp).
enum class OnBroken : bool { reset, finish };

// A connected socket of this machine at the end of a tunnel. Bytes are read straight into the
// connection's output buffer and written from where they were decrypted; what the socket does not
// take waits, and the other end gets its window back only as it does. Ends and resets go through in
// both directions.
class SocketPump final : private TunnelPeer {
 public:
  // `socket` is O_NONBLOCK; `first` goes before what is read from it. `tunnel` is open.
  SocketPump(TunnelEnd& tunnel, UniqueFd socket, std::string first = "",
             OnBroken on_broken = OnBroken::reset);
  ~SocketPump() override;
  SocketPump(const SocketPump&) = delete;
  SocketPump& operator=(const SocketPump&) = delete;

  // Returns when both halves have ended and everything is written. Throws Errc::closed: one of the
  // ends was reset, and now both are.
  awaitable<void> run();

 private:
  void take(std::string_view bytes) override;
  void take_end() override;
  http2::BodySource::Chunk give(std::span<char> into) override;
  void over() override;
  void sink_broke(int error_number);
  void socket_broke(int error_number);
  void pay_back(std::size_t count);

  TunnelEnd& tunnel_;
  Broadcast changed_;
  std::string first_;
  OnBroken on_broken_;
  std::optional<io::FdSource> source_;
  std::optional<io::FdSink> sink_;
  std::size_t owed_ = 0;
  bool written_ = false;  // all there was, to the socket
  std::optional<Error> broken_;
};

}  // namespace nigh::client
