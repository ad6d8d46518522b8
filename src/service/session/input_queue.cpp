// SPDX-License-Identifier: Apache-2.0
#include "service/session/input_queue.hpp"

#include <algorithm>

namespace nigh::session {

void InputQueue::push(AttachmentId from, std::string_view bytes) {
  if (bytes.empty()) return;
  bytes_.append(bytes);
  if (!runs_.empty() && runs_.back().from == from)
    runs_.back().count += bytes.size();
  else
    runs_.push_back({from, bytes.size()});
}

std::optional<InputQueue::Taken> InputQueue::take(std::size_t limit) {
  if (limit == 0 || runs_.empty()) return std::nullopt;
  auto& run = runs_.front();
  Taken taken{run.from, std::min(limit, run.count)};
  bytes_.release(bytes_.begin() + taken.count);
  run.count -= taken.count;
  if (run.count == 0) runs_.pop_front();
  return taken;
}

}  // namespace nigh::session
