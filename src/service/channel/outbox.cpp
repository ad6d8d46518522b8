// SPDX-License-Identifier: Apache-2.0
#include "service/channel/outbox.hpp"

#include <algorithm>

#include "service/channel/frames.hpp"
#include "wire/reader.hpp"

namespace nigh::channel {

void Outbox::push(std::string_view message) {
  expect(message.size() <= kMaxMessage, "a message is too large to be pushed");
  wire::Writer text;
  auto header = frame_header(Frame::message, 8 + message.size());
  text.bytes({header.data(), header.size()}).u64(pushed() + 1).bytes(message);
  frames_.push_back(std::move(text).str());
  bytes_ += frames_.back().size();
}

Result<void> Outbox::welcome(std::uint64_t taken) {
  // It may have forgotten what it took long ago; never has it more than there was.
  auto dropped = drop(std::max({taken, known_, first_ - 1}));
  open_ = true;
  at_ = offset_ = 0;
  return dropped;
}

// It may take what it had on an earlier connection before it comes again: that is still sent, since
// the server counts.
Result<void> Outbox::on_taken(std::uint64_t up_to) {
  if (up_to > pushed())
    return fail(Errc::malformed, "the server takes messages that there are not");
  known_ = std::max(known_, up_to);
  release();
  return {};
}

void Outbox::release() {
  for (; at_ > 0 && first_ <= known_; ++first_, --at_) {
    bytes_ -= frames_.front().size();
    frames_.pop_front();
  }
}

Result<void> Outbox::drop(std::uint64_t up_to) {
  if (up_to > pushed())
    return fail(Errc::malformed, "the server takes messages that there are not");
  for (; first_ <= up_to; ++first_) {
    bytes_ -= frames_.front().size();
    frames_.pop_front();
  }
  return {};
}

std::size_t Outbox::fill(std::span<char> into) {
  std::size_t done = 0;
  while (has_output() && done < into.size()) {
    auto rest = std::string_view(frames_[at_]).substr(offset_, into.size() - done);
    std::ranges::copy(rest, into.begin() + static_cast<std::ptrdiff_t>(done));
    done += rest.size();
    offset_ += rest.size();
    if (offset_ < frames_[at_].size()) continue;
    ++at_;
    offset_ = 0;
  }
  release();
  return done;
}

}  // namespace nigh::channel
