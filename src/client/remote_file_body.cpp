// SPDX-License-Identifier: Apache-2.0
#include "client/remote_file_body.hpp"

#include <algorithm>

namespace nigh::client {

void FrameQueue::push(std::string frame) {
  size_ += frame.size();
  frames_.push_back(std::move(frame));
  resume_();
}

void FrameQueue::finish() {
  finishing_ = true;
  resume_();
}

FrameQueue::Chunk FrameQueue::read(std::span<char> into) {
  std::size_t size = 0;
  while (size < into.size() && !frames_.empty()) {
    const auto& first = frames_.front();
    auto piece = std::min(into.size() - size, first.size() - sent_);
    std::copy_n(first.data() + sent_, piece, into.data() + size);
    size += piece;
    sent_ += piece;
    if (sent_ < first.size()) break;
    frames_.pop_front();
    sent_ = 0;
  }
  size_ -= size;
  if (size > 0) on_sent_();
  if (size_ > 0) return {size, Next::more};
  return {size, finishing_ ? Next::end : Next::wait};
}

}  // namespace nigh::client
