// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::channel {

// What a sender of messages has not been told is taken: sent again when its connection was lost.
class Outbox {
 public:
  static constexpr std::size_t kBytes = 4 << 20;
  static constexpr std::size_t kMessages = 8192;

  bool has_room() const { return bytes_ < kBytes && frames_.size() < kMessages; }
  // At most kMaxMessage.
  void push(std::string_view message);

  // A connection is there, whose server has taken that many already.
  Result<void> welcome(std::uint64_t taken);
  void lost() { open_ = false; }
  Result<void> on_taken(std::uint64_t up_to);

  // The next bytes to send; 0: none now.
  std::size_t fill(std::span<char> into);
  bool has_output() const { return open_ && at_ < frames_.size(); }
  bool all_taken() const { return frames_.empty(); }
  std::uint64_t pushed() const { return first_ + frames_.size() - 1; }
  std::uint64_t taken() const { return first_ - 1; }

 private:
  Result<void> drop(std::uint64_t up_to);
  void release();

  std::deque<std::string> frames_;
  std::uint64_t first_ = 1;  // the sequence of the first of them
  std::size_t bytes_ = 0;
  std::uint64_t known_ = 0;  // to be taken
  bool open_ = false;
  std::size_t at_ = 0;  // what is being sent, and how much of it has been
  std::size_t offset_ = 0;
};

}  // namespace nigh::channel
