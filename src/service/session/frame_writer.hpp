// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "service/run/frames.hpp"

namespace nigh::session {

// Room for frames that somebody gave us.
class FrameWriter {
 public:
  explicit FrameWriter(std::span<char> into) : into_(into) {}

  std::size_t used() const { return used_; }
  bool has_room_for_frame() const { return left() > run::kFrameHeader; }
  // As much of `bytes` as fits; says how much.
  std::size_t put(std::string_view bytes) {
    auto count = bytes.copy(into_.data() + used_, left());
    used_ += count;
    return count;
  }
  // A frame with as much of `bytes` as fits; says how much. Only with room for a frame.
  std::size_t put_frame(run::Frame type, std::string_view bytes) {
    auto count = std::min({bytes.size(), left() - run::kFrameHeader, run::kMaxData});
    auto header = run::frame_header(type, count);
    put({header.data(), header.size()});
    return put(bytes.substr(0, count));
  }

 private:
  std::size_t left() const { return into_.size() - used_; }

  std::span<char> into_;
  std::size_t used_ = 0;
};

}  // namespace nigh::session
