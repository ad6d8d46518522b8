// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "service/session/messages.hpp"
#include "service/session/replay.hpp"

namespace nigh::session {

// Input of several clients on its way to one command, in the order in which it came. Bounded by
// what each of them is allowed to send.
class InputQueue {
 public:
  void push(AttachmentId from, std::string_view bytes);

  std::string_view next() const { return bytes_.at(bytes_.begin()); }
  bool empty() const { return bytes_.size() == 0; }

  struct Taken {
    AttachmentId from;
    std::size_t count;
  };
  // So many of `limit` bytes were of one client; nullopt when `limit` is 0. Call it until all that
  // was written is accounted for.
  std::optional<Taken> take(std::size_t limit);

 private:
  struct Run {
    AttachmentId from;
    std::size_t count;
  };
  Replay bytes_{SIZE_MAX};
  std::deque<Run> runs_;
};

}  // namespace nigh::session
