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

void FrameBody::allow(Frame type, std::uint64_t total) {
  for (auto& channel : channels_)
    if (channel.type == type) channel.allowed = std::max(channel.sent, total);
  resume_();
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
  auto allowed = channel.allowed - channel.sent;
  if (allowed == 0) return 0;
  // Too little room for a frame (a nearly used-up window): make a small one as a control frame,
  // which goes out in pieces, rather than wait for room that may never come at once.
  char few[16];
  const bool tight = into.size() <= kFrameHeader;
  auto payload = tight ? std::span<char>(few) : into.subspan(kFrameHeader);
  payload = payload.first(std::min({payload.size(), kMaxData, static_cast<std::size_t>(allowed)}));
  auto read = channel.source->read(payload);
  channel.sent += read.size;
  auto type = channel.type;
  if (read.ended || (draining_ && read.size == 0)) end_channel(turn_);
  if (read.size == 0) return 0;
  if (tight) {
    control_ += frame(type, {few, read.size});
    return read_control(into);
  }
  std::ranges::copy(frame_header(type, read.size), into.begin());
  return kFrameHeader + read.size;
}

void FrameBody::end_channel(std::size_t index) {
  auto on_end = std::move(channels_[index].on_end);
  channels_.erase(channels_.begin() + static_cast<std::ptrdiff_t>(index));
  if (on_end) on_end();
}

}  // namespace nigh::run
