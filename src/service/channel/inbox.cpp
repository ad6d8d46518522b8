// SPDX-License-Identifier: Apache-2.0
#include "service/channel/inbox.hpp"

#include <algorithm>
#include <utility>

#include "wire/reader.hpp"

namespace nigh::channel {
namespace {

constexpr std::size_t kJoined = 64 * 1024;  // small pieces become larger ones

}  // namespace

void Inbox::connected() {
  number_ = acknowledged_ = sent_ = confirmed_ = 0;
  in_stream_ = false;
}

// What waits still will come again; and of a stream there will be no more.
void Inbox::lost() {
  uncertain_ += acknowledged_ - confirmed_;
  queue_.clear();
  bytes_ = 0;
  const bool broken = std::exchange(half_, false);
  connected();
  if (broken) push({Delivery::Kind::broken, {}, {}, 0});
}

void Inbox::push(Delivery delivery) {
  bytes_ += delivery.bytes.size();
  queue_.push_back({std::move(delivery), number_});
}

bool Inbox::remember(const Key& key) {
  if (!seen_.insert(key).second) return false;
  order_.push_back(key);
  if (order_.size() <= kRemembered) return true;
  seen_.erase(order_.front());
  order_.pop_front();
  return true;
}

Result<void> Inbox::on_delivery(std::string_view payload) {
  if (in_stream_) return fail(Errc::malformed, "a message comes inside a stream");
  Key key{};
  if (payload.size() < key.size()) return fail(Errc::malformed, "a delivery is too short");
  std::ranges::copy(payload.substr(0, key.size()), key.begin());
  if (seen_.contains(key)) {
    ++number_;
    if (uncertain_ > 0) --uncertain_;
    if (queue_.empty() && !unacknowledged_) acknowledged_ = number_;
    return {};
  }
  wire::Reader in(payload);
  Delivery delivery;
  delivery.sender = in.bytes(kSenderId);
  delivery.sequence = in.u64();
  delivery.bytes = in.rest();
  push(std::move(delivery));
  ++number_;
  return {};
}

void Inbox::on_piece(std::string_view bytes) {
  in_stream_ = true;
  if (!queue_.empty()) {
    auto& last = queue_.back().delivery;
    if (last.kind == Delivery::Kind::piece && last.bytes.size() + bytes.size() <= kJoined) {
      last.bytes += bytes;
      bytes_ += bytes.size();
      return;
    }
  }
  push({Delivery::Kind::piece, std::string(bytes), {}, 0});
}

void Inbox::on_complete() {
  in_stream_ = false;
  push({Delivery::Kind::complete, {}, {}, 0});
  ++number_;
}

void Inbox::on_broken() {
  in_stream_ = false;
  push({Delivery::Kind::broken, {}, {}, 0});
}

std::optional<Delivery> Inbox::take() {
  if (queue_.empty()) return std::nullopt;
  auto delivery = std::move(queue_.front().delivery);
  queue_.pop_front();
  bytes_ -= delivery.bytes.size();
  unacknowledged_ = true;
  half_ = delivery.kind == Delivery::Kind::piece;
  if (delivery.kind == Delivery::Kind::message) {
    Key key{};
    wire::Writer text;
    text.bytes(delivery.sender).u64(delivery.sequence);
    std::ranges::copy(text.str(), key.begin());
    remember(key);
  }
  return delivery;
}

void Inbox::acknowledge() {
  unacknowledged_ = false;
  acknowledged_ = queue_.empty() ? number_ : queue_.front().before;
}

std::uint64_t Inbox::take_ack() {
  if (sent_ == acknowledged_) return 0;
  sent_ = acknowledged_;
  return sent_;
}

Result<void> Inbox::on_confirmed(std::uint64_t number) {
  if (number < confirmed_ || number > sent_)
    return fail(Errc::malformed, "the server confirms what was not acknowledged");
  confirmed_ = number;
  return {};
}

}  // namespace nigh::channel
