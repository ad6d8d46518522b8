// SPDX-License-Identifier: Apache-2.0
#include "client/early_body.hpp"

#include <algorithm>

namespace nigh::client {

EarlyBody::Chunk EarlyBody::replay(std::span<char> into) {
  auto size = std::min(into.size(), kept_.size() - sent_);
  std::copy_n(kept_.data() + sent_, size, into.data());
  sent_ += size;
  bool whole = sent_ == kept_.size();
  return {size, whole && ended_ ? Next::end : Next::more};
}

EarlyBody::Chunk EarlyBody::read(std::span<char> into) {
  if (sent_ < kept_.size()) return replay(into);
  if (ended_) return {0, Next::end};
  if (released_) {
    if (!kept_.empty()) kept_ = std::string();
    sent_ = 0;
    return inner_.read(into);
  }
  if (kept_.size() == kEarlyBytes) return {0, Next::wait};
  auto chunk = inner_.read(into.first(std::min(into.size(), kEarlyBytes - kept_.size())));
  kept_.append(into.data(), chunk.size);
  sent_ = kept_.size();
  ended_ = chunk.next == Next::end;
  if (kept_.size() == kEarlyBytes && !ended_) chunk.next = Next::wait;
  return chunk;
}

}  // namespace nigh::client
