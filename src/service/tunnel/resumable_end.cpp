// SPDX-License-Identifier: Apache-2.0
#include "service/tunnel/resumable_end.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace nigh::tunnel {
namespace {

// A frame: its type, the length of its payload in three bytes, and the payload.
constexpr std::size_t kHeader = 4;
constexpr char kData = 0;
constexpr char kAck = 1;  // u64: as ResumableEnd::received()
constexpr char kEnd = 2;  // without a payload
constexpr std::size_t kAckPayload = 8;
constexpr std::size_t kLargestPiece = (1u << 24) - 1;
// A piece of data that fills a window's last few bytes together with its header.
constexpr std::size_t kSmallPiece = 64;

void put_number(char* out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i)
    out[i] = static_cast<char>(number >> (8 * (bytes - 1 - i)) & 0xff);
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t number = 0;
  for (char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

void put_header(char* out, char type, std::size_t length) {
  out[0] = type;
  put_number(out + 1, length, 3);
}

std::unexpected<Error> wrong(std::string what) {
  return fail(Errc::malformed, "the other end of a tunnel sent " + std::move(what));
}

// For what does not fit where it will be sent from; its bytes are kept at once.
std::span<char> few_bytes() {
  thread_local std::array<char, 1024> bytes;
  return bytes;
}

}  // namespace

Result<ResumableEnd> ResumableEnd::from(const ResumableState& state) {
  ResumableEnd end;
  end.origin_ = end.sent_ = state.begin;
  end.ended_ = state.ended;
  end.received_ = state.received - (state.received_end ? 1 : 0);
  end.received_end_ = state.received_end;
  if (state.received_end && state.received == 0) return wrong("no state of a tunnel");
  return end;
}

ResumableState ResumableEnd::state() const {
  return {.begin = origin_ + kept_.begin(),
          .ended = ended_,
          .received = received(),
          .received_end = received_end_};
}

Result<void> ResumableEnd::go_on(std::uint64_t theirs) {
  if (auto known = on_ack(theirs); !known) return known;
  sent_ = std::min(theirs, kept_end());
  end_sent_ = acked_end_;
  told_ = received();
  ack_due_ = false;
  spill_.clear();
  header_.clear();
  payload_.clear();
  to_come_ = 0;
  return {};
}

// ---- what is sent ------------------------------------------------------------------------------

bool ResumableEnd::ack_is_due() const {
  return owes_ack() && (ack_due_ || received_end_ || received() - told_ >= kAckEach);
}

bool ResumableEnd::has_output() const {
  return !spill_.empty() || has_bytes() || ack_is_due() || (ended_ && !end_sent_);
}

void ResumableEnd::put_frame(std::string& out, char type, std::string_view payload) const {
  char header[kHeader];
  put_header(header, type, payload.size());
  out.append(header, kHeader);
  out += payload;
}

// What is received is acknowledged with whatever is sent, and costs hardly anything then.
void ResumableEnd::queue_control() {
  if (owes_ack() && (ack_is_due() || has_bytes())) {
    told_ = received();
    ack_due_ = false;
    char payload[kAckPayload];
    put_number(payload, told_, kAckPayload);
    put_frame(spill_, kAck, {payload, kAckPayload});
  }
  if (ended_ && !end_sent_ && !has_bytes()) {
    end_sent_ = true;
    put_frame(spill_, kEnd, {});
  }
}

std::size_t ResumableEnd::fill(std::span<char> into) {
  std::size_t size = 0;
  for (;;) {
    if (spill_.empty()) queue_control();
    auto spilled = std::min(spill_.size(), into.size() - size);
    spill_.copy(into.data() + size, spilled);
    spill_.erase(0, spilled);
    size += spilled;
    if (!spill_.empty()) return size;
    if (!has_bytes()) {
      if (!ended_ || end_sent_) return size;
      continue;  // the end
    }
    auto free = into.size() - size;
    if (free == 0) return size;
    auto piece = kept_.at(sent_ - origin_);
    if (free <= kHeader) {
      piece = piece.substr(0, kSmallPiece);
      put_frame(spill_, kData, piece);
    } else {
      piece = piece.substr(0, free - kHeader);
      put_header(into.data() + size, kData, piece.size());
      piece.copy(into.data() + size + kHeader, piece.size());
      size += kHeader + piece.size();
    }
    sent_ += piece.size();
  }
}

std::span<char> ResumableEnd::room_in(std::span<char> into) {
  expect(spill_.empty() && !has_bytes(), "a tunnel has bytes that go before those to be read");
  auto room = worth_reading_to(into) ? into.subspan(kHeader) : few_bytes();
  return room.first(std::min({room.size(), free(), kLargestPiece}));
}

std::size_t ResumableEnd::pass(std::span<char> into, std::size_t count) {
  if (count == 0) return 0;
  const bool in_place = worth_reading_to(into);
  const auto* bytes = in_place ? into.data() + kHeader : few_bytes().data();
  expect(append({bytes, count}) == count, "a tunnel was given more than it had room for");
  if (!in_place) return 0;
  put_header(into.data(), kData, count);
  sent_ += count;
  ack_now();  // what is received is acknowledged with whatever is sent
  return kHeader + count;
}

// ---- what is received --------------------------------------------------------------------------

Result<void> ResumableEnd::on_ack(std::uint64_t count) {
  const bool with_end = count == kept_end() + 1 && ended_;
  if (!with_end && count > kept_end()) return wrong("an acknowledgement of what nobody has sent");
  auto bytes = std::min(count, kept_end());
  if (count < origin_ + kept_.begin() || (acked_end_ && !with_end))
    return wrong("an acknowledgement of less than before");
  kept_.release(bytes - origin_);
  if (kept_.size() == 0) kept_.settle();
  if (with_end) acked_end_ = true;
  return {};
}

Result<void> ResumableEnd::on_frame(std::string_view payload) {
  if (type_ == kEnd) {
    if (received_end_ || !payload.empty()) return wrong("its end twice");
    received_end_ = true;
    return {};
  }
  auto count = number_in(payload);
  // Nothing that it has not had on this connection: what is repeated was not acknowledged.
  if (count > sent_ + (end_sent_ ? 1 : 0))
    return wrong("an acknowledgement of what it cannot have");
  return on_ack(count);
}

Result<void> ResumableEnd::receive(std::string_view bytes, ResumableTaker& taker) {
  while (!bytes.empty()) {
    if (to_come_ == 0) {
      auto part = bytes.substr(0, kHeader - header_.size());
      header_ += part;
      bytes.remove_prefix(part.size());
      if (header_.size() < kHeader) return {};
      type_ = header_[0];
      to_come_ = static_cast<std::uint32_t>(number_in(std::string_view(header_).substr(1)));
      header_.clear();
      const bool known = (type_ == kData && to_come_ > 0) ||
                         (type_ == kAck && to_come_ == kAckPayload) ||
                         (type_ == kEnd && to_come_ == 0);
      if (!known) return wrong("a frame of no known kind");
      if (type_ == kData && received_end_) return wrong("bytes after its end");
      if (type_ == kEnd) {
        if (auto taken = on_frame({}); !taken) return taken;
        taker.on_end();
      }
      continue;
    }
    auto piece = bytes.substr(0, to_come_);
    bytes.remove_prefix(piece.size());
    to_come_ -= static_cast<std::uint32_t>(piece.size());
    if (type_ == kData) {
      received_ += piece.size();
      taker.on_bytes(piece);
      continue;
    }
    payload_ += piece;
    if (to_come_ > 0) return {};
    if (auto taken = on_frame(std::exchange(payload_, {})); !taken) return taken;
  }
  return {};
}

}  // namespace nigh::tunnel
