// SPDX-License-Identifier: Apache-2.0
#include "service/channel/frames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "wire/reader.hpp"

namespace nigh::channel {
namespace {

constexpr std::size_t kMaxError = 4 * 1024;

struct Length {
  std::size_t least;
  std::size_t most;
};

std::optional<Length> length_to_server(Frame type) {
  switch (type) {
    case Frame::message:
      return Length{8, 8 + kMaxMessage};
    case Frame::data:
      return Length{0, kMaxPiece};
    case Frame::end:
      return Length{0, 0};
    case Frame::ack:
      return Length{8, 8};
    default:
      return std::nullopt;
  }
}

std::optional<Length> length_to_client(Frame type) {
  switch (type) {
    case Frame::welcome:
      return Length{12, 12};
    case Frame::delivery:
      return Length{kSenderId + 8, kSenderId + 8 + kMaxMessage};
    case Frame::piece:
      return Length{0, kMaxPiece};
    case Frame::complete:
    case Frame::broken:
    case Frame::empty:
      return Length{0, 0};
    case Frame::taken:
    case Frame::confirmed:
      return Length{8, 8};
    case Frame::receivers:
      return Length{4, 4};
    case Frame::error:
      return Length{2, kMaxError};
    default:
      return std::nullopt;
  }
}

bool comes_in_pieces(Frame type) { return type == Frame::data || type == Frame::piece; }

}  // namespace

std::array<char, kFrameHeader> frame_header(Frame type, std::size_t length) {
  auto byte = [&](int shift) { return static_cast<char>(length >> shift & 0xFF); };
  return {static_cast<char>(type), byte(24), byte(16), byte(8), byte(0)};
}

std::string frame(Frame type, std::string_view payload) {
  auto header = frame_header(type, payload.size());
  std::string out(header.data(), header.size());
  return out.append(payload);
}

std::string number_frame(Frame type, std::uint64_t number) {
  return frame(type, wire::Writer().u64(number).str());
}

Result<void> FrameDecoder::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    auto taken = header_size_ < kFrameHeader ? take_header(bytes) : take_payload(bytes);
    if (!taken) return taken;
  }
  return {};
}

std::size_t FrameDecoder::passing() const {
  return header_size_ == kFrameHeader && comes_in_pieces(type_) ? left_ : 0;
}

void FrameDecoder::passed(std::size_t count) {
  expect(count <= passing(), "more was passed on than there is in the frame");
  left_ -= count;
  if (left_ == 0) header_size_ = 0;
}

Result<void> FrameDecoder::take_header(std::string_view& bytes) {
  auto some = bytes.substr(0, kFrameHeader - header_size_);
  std::ranges::copy(some, header_.begin() + static_cast<std::ptrdiff_t>(header_size_));
  header_size_ += some.size();
  bytes.remove_prefix(some.size());
  if (header_size_ < kFrameHeader) return {};
  wire::Reader in({header_.data(), header_.size()});
  auto number = in.u8();
  type_ = static_cast<Frame>(number);
  left_ = in.u32();
  auto length = receiver_ == Receiver::server ? length_to_server(type_) : length_to_client(type_);
  if (!length) return fail(Errc::malformed, fmt::format("frame {} does not belong here", number));
  if (left_ < length->least)
    return fail(Errc::malformed, fmt::format("a frame {} of {} bytes is too short", number, left_));
  if (left_ > length->most)
    return fail(Errc::too_large, fmt::format("a frame {} of {} bytes is too long", number, left_));
  if (left_ > 0) return {};
  header_size_ = 0;
  return comes_in_pieces(type_) ? Result<void>() : handler_.on_frame(type_, {});
}

Result<void> FrameDecoder::take_payload(std::string_view& bytes) {
  auto some = bytes.substr(0, left_);
  bytes.remove_prefix(some.size());
  left_ -= some.size();
  if (left_ == 0) header_size_ = 0;
  if (comes_in_pieces(type_)) return handler_.on_bytes(some);
  if (left_ == 0 && gathered_.empty()) return handler_.on_frame(type_, some);
  gathered_ += some;
  if (left_ > 0) return {};
  return handler_.on_frame(type_, std::exchange(gathered_, {}));
}

}  // namespace nigh::channel
