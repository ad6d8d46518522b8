// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <string>

#include "http2/session.hpp"

namespace nigh::client {

// Frames on their way to a host.
class FrameQueue : public http2::BodySource {
 public:
  // `resume`: there is something to send after Next::wait. `on_sent`: some of it has gone.
  FrameQueue(std::function<void()> resume, std::function<void()> on_sent)
      : resume_(std::move(resume)), on_sent_(std::move(on_sent)) {}

  void push(std::string frame);
  void finish();  // END_STREAM after what was pushed
  std::size_t size() const { return size_; }

  Chunk read(std::span<char> into) override;

 private:
  std::function<void()> resume_;
  std::function<void()> on_sent_;
  std::deque<std::string> frames_;
  std::size_t sent_ = 0;  // of the first
  std::size_t size_ = 0;  // not sent yet
  bool finishing_ = false;
};

}  // namespace nigh::client
