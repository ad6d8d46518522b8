// SPDX-License-Identifier: Apache-2.0
#include "client/run_body.hpp"

#include <algorithm>

namespace nigh::client {

using run::Frame;
using run::kFrameHeader;

void RunBody::push(std::string frame) {
  control_ += frame;
  resume_();
}

void RunBody::send_input(std::string_view bytes, std::function<void()> on_sent) {
  expect(memory_.empty() && !source_, "RunBody: two inputs at once");
  if (bytes.empty()) return on_sent();
  memory_ = bytes;
  on_sent_ = std::move(on_sent);
  resume_();
}

void RunBody::send_input(const asio::any_io_executor& executor, UniqueFd fd) {
  expect(memory_.empty() && !source_, "RunBody: two inputs at once");
  source_waits_ = false;
  source_.emplace(executor, std::move(fd), [this] {
    source_waits_ = false;
    resume_();
  });
  resume_();
}

void RunBody::end_input() {
  end_wanted_ = true;
  resume_();
}

void RunBody::allow(std::uint64_t total) {
  allowed_ = std::max(allowed_, total);
  resume_();
}

void RunBody::drop_input() {
  memory_ = {};
  on_sent_ = nullptr;
  source_.reset();
}

void RunBody::finish() {
  finishing_ = true;
  drop_input();
  resume_();
}

std::size_t RunBody::read_control(std::span<char> into) {
  auto size = std::min(into.size(), control_.size());
  std::copy_n(control_.data(), size, into.data());
  control_.erase(0, size);
  return size;
}

bool RunBody::idle() const {
  if (!control_.empty()) return false;
  bool has_input = !memory_.empty() || (source_ && !source_waits_);
  return !has_input || input_sent_ == allowed_;
}

// The next bytes of input; 0: none now, or no more.
std::size_t RunBody::fill(std::span<char> payload) {
  payload = payload.first(std::min<std::uint64_t>(payload.size(), allowed_ - input_sent_));
  if (payload.empty()) return 0;
  auto size = fill_from_source(payload);
  input_sent_ += size;
  return size;
}

std::size_t RunBody::fill_from_source(std::span<char> payload) {
  if (!memory_.empty()) {
    auto size = std::min(payload.size(), memory_.size());
    std::ranges::copy(memory_.substr(0, size), payload.begin());
    memory_.remove_prefix(size);
    if (memory_.empty()) std::exchange(on_sent_, nullptr)();
    return size;
  }
  if (!source_) return 0;
  auto read = source_->read(payload);
  if (read.ended) {
    source_.reset();
    end_wanted_ = true;
  }
  source_waits_ = !read.ended && read.size == 0;
  return read.size;
}

std::size_t RunBody::read_input(std::span<char> into) {
  if (into.size() > kFrameHeader) {
    auto room = std::min(into.size() - kFrameHeader, run::kMaxData);
    auto size = fill(into.subspan(kFrameHeader, room));
    if (size == 0) return 0;
    std::ranges::copy(run::frame_header(Frame::stdin_data, size), into.begin());
    return kFrameHeader + size;
  }
  // No room for a frame (a window that is nearly used up): its bytes go as the room comes, like
  // those of a control frame.
  char few[16];
  auto size = fill(few);
  if (size > 0) control_ = run::frame(Frame::stdin_data, {few, size});
  return read_control(into);
}

RunBody::Chunk RunBody::read(std::span<char> into) {
  auto size = read_control(into);
  if (control_.empty() && size < into.size()) size += read_input(into.subspan(size));
  if (end_wanted_ && !input_ended_ && memory_.empty() && !source_) {
    input_ended_ = true;
    control_ += run::frame(Frame::stdin_eof, "");
  }
  size += read_control(into.subspan(size));
  if (finishing_ && control_.empty()) return {size, Next::end};
  return {size, idle() ? Next::wait : Next::more};
}

}  // namespace nigh::client
