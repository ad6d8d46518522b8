// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "http2/session.hpp"
#include "io/fd_source.hpp"
#include "service/run/frames.hpp"

namespace nigh::run {

// What one side of a session stream sends: control frames as they are pushed, and the bytes of
// descriptors as data frames, read straight into the connection's output buffer. Used by the server
// for a command's output and by the client for its input.
class FrameBody : public http2::BodySource {
 public:
  // `resume` tells the connection that there is something to send after Next::wait.
  FrameBody(asio::any_io_executor executor, std::function<void()> resume)
      : executor_(std::move(executor)), resume_(std::move(resume)) {}

  // Control frames go before data that was not read yet.
  void push(std::string frame);
  // Everything that `fd` gives becomes frames of `type`; `on_end` is called once at its end.
  void add(Frame type, UniqueFd fd, std::function<void()> on_end);
  // Closes a descriptor early: whoever writes to it gets SIGPIPE. No on_end.
  void drop(Frame type);
  bool has(Frame type) const;
  // Sends no more than `total` bytes of a descriptor, counted from its first. Without it: all.
  void allow(Frame type, std::uint64_t total);
  // Bytes that are ready now in descriptors still open are sent, then they count as ended. For a
  // pty, whose other side may be held open by processes that nobody waits for.
  void end_after_drain();
  // After all that was pushed, and all descriptors, comes END_STREAM.
  void finish();

  Chunk read(std::span<char> into) override;

 private:
  struct Channel {
    Frame type;
    std::unique_ptr<io::FdSource> source;
    std::function<void()> on_end;
    std::uint64_t sent = 0;
    std::uint64_t allowed = UINT64_MAX;
  };

  std::size_t read_control(std::span<char> into);
  std::size_t read_channels(std::span<char> into);
  std::size_t read_frame(Channel& channel, std::span<char> into);
  void end_channel(std::size_t index);

  asio::any_io_executor executor_;
  std::function<void()> resume_;
  std::string control_;
  std::vector<Channel> channels_;
  std::size_t turn_ = 0;  // whose channel is next, so that stdout does not starve stderr
  bool draining_ = false;
  bool finishing_ = false;
};

}  // namespace nigh::run
