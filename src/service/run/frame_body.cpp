// SPDX-License-Identifier: Apache-2.0
#include "service/run/frame_body.hpp"

#include <algorithm>

namespace nigh::run {

void FrameBody::push(std::string frame) {
  control_ += frame;
  resume_();
}

void FrameBody::add(Frame type, UniqueFd fd, std::function<void()> on_end) {
  auto source = std::make_unique<io::FdSource>(executor_, std::move(fd), [this] { resume_(); });
  channels_.push_back({type, std::move(source), std::move(on_end)});
  resume_();
}

void FrameBody::drop(Frame type) {
  std::erase_if(channels_, [&](const Channel& c) { return c.type == type; });
  resume_();
}

bool FrameBody::has(Frame type) const {
  return std::ranges::any_of(channels_, [&](const Channel& c) { return c.type == type; });
}

void FrameBody::end_after_drain() {
  draining_ = true;
  resume_();
}

void FrameBody::finish() {
  finishing_ = true;
  resume_();
}

FrameBody::Chunk FrameBody::read(std::span<char> into) {
  auto size = read_control(into);
  if (size == 0) size = read_channels(into);
  // A channel's end may have pushed a last frame: so look at everything again.
  const bool over = finishing_ && control_.empty() && channels_.empty();
  if (over) return {size, Next::end};
  return {size, size > 0 || !control_.empty() ? Next::more : Next::wait};
}

std::size_t FrameBody::read_control(std::span<char> into) {
  auto size = std::min(into.size(), control_.size());
  std::copy_n(control_.data(), size, into.data());
  control_.erase(0, size);
  return size;
}

std::size_t FrameBody::read_channels(std::span<char> into) {
  for (std::size_t tries = channels_.size(); tries > 0 && !channels_.empty(); --tries) {
    turn_ = (turn_ + 1) % channels_.size();
    if (auto size = read_frame(channels_[turn_], into); size > 0) return size;
  }
  return read_control(into);  // what an ended channel left to say
}

std::size_t FrameBody::read_frame(Channel& channel, std::span<char> into) {
  // Too little room for a frame (a nearly used-up window): send its header and bytes byte by byte
  // rather than wait for room that may never come in one piece.
  if (into.size() <= kFrameHeader) {
    char few[16];
    auto read = channel.source->read(few);
    if (read.size > 0) control_ += frame(channel.type, {few, read.size});
    if (read.ended || (draining_ && read.size == 0)) end_channel(turn_);
    return read_control(into);
  }
  auto payload = into.subspan(kFrameHeader, std::min(into.size() - kFrameHeader, kMaxData));
  auto read = channel.source->read(payload);
  if (read.ended || (draining_ && read.size == 0)) end_channel(turn_);
  if (read.size == 0) return 0;
  auto header = frame_header(channel.type, read.size);
  std::ranges::copy(header, into.begin());
  return kFrameHeader + read.size;
}

void FrameBody::end_channel(std::size_t index) {
  auto on_end = std::move(channels_[index].on_end);
  channels_.erase(channels_.begin() + static_cast<std::ptrdiff_t>(index));
  if (on_end) on_end();
}

}  // namespace nigh::run
