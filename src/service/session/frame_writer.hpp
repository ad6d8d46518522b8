// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "service/run/frames.hpp"

namespace nigh::session {

// Room for frames that somebody gave us. With room for `pieces` too, bytes that stay where they are
// need not be copied: what was written is these pieces, one after another.
class FrameWriter {
 public:
  explicit FrameWriter(std::span<char> into, std::span<std::string_view> pieces = {})
      : into_(into), pieces_(pieces) {}

  std::size_t used() const { return used_; }  // of the room for bytes
  std::size_t pieces() const { return count_; }
  bool has_room_for_frame() const {
    return left() > run::kFrameHeader && (pieces_.empty() || count_ + 2 <= pieces_.size());
  }
  // As much of `bytes` as fits; says how much.
  std::size_t put(std::string_view bytes) {
    auto count = bytes.copy(into_.data() + used_, left());
    add({into_.data() + used_, count});
    used_ += count;
    return count;
  }
  // A frame with as much of `bytes` as fits; says how much. Only with room for a frame.
  std::size_t put_frame(run::Frame type, std::string_view bytes) {
    auto count = std::min({bytes.size(), left() - run::kFrameHeader, run::kMaxData});
    put_header(type, count);
    return put(bytes.substr(0, count));
  }
  // The same with `bytes` that stay where they are until what was written is used up.
  std::size_t put_frame_of_kept(run::Frame type, std::string_view bytes) {
    constexpr std::size_t kWorthIt = 1024;
    if (pieces_.empty() || bytes.size() < kWorthIt) return put_frame(type, bytes);
    bytes = bytes.substr(0, run::kMaxData);
    put_header(type, bytes.size());
    add(bytes);
    return bytes.size();
  }

 private:
  std::size_t left() const { return into_.size() - used_; }
  void put_header(run::Frame type, std::size_t length) {
    auto header = run::frame_header(type, length);
    put({header.data(), header.size()});
  }
  void add(std::string_view piece) {
    if (pieces_.empty() || piece.empty()) return;
    auto* last = count_ > 0 ? &pieces_[count_ - 1] : nullptr;
    if (last != nullptr && last->data() + last->size() == piece.data())
      *last = {last->data(), last->size() + piece.size()};
    else
      pieces_[count_++] = piece;
  }

  std::span<char> into_;
  std::span<std::string_view> pieces_;
  std::size_t count_ = 0;
  std::size_t used_ = 0;
};

}  // namespace nigh::session
