// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "service/sync/answers.hpp"
#include "service/sync/frames.hpp"
#include "wire/reader.hpp"
#include "wire/varint.hpp"

namespace nigh::sync {

// At least `wanted` bytes in the buffer; false at the end.
bool FrameReader::fill(std::size_t wanted) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (begin_ + wanted > buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  while (end_ - begin_ < wanted) {
    auto size = channel_.read(std::span(buffer_).subspan(end_));
    if (size == 0) return false;
    end_ += size;
    received_ += size;
  }
  return true;
}

// What is not in the buffer yet is read straight to its place.
std::shared_ptr<std::string> FrameReader::take_payload(std::size_t length) {
  auto& spare = spare_[next_spare_++ % std::size(spare_)];
  if (!spare || spare.use_count() > 1) spare = std::make_shared<std::string>();
  auto payload = spare;
  if (payload->size() < length) payload->resize(length);
  auto have = std::min(length, end_ - begin_);
  std::memcpy(payload->data(), buffer_.data() + begin_, have);
  begin_ += have;
  while (have < length) {
    auto size = channel_.read(std::span(payload->data() + have, length - have));
    if (size == 0) throw Failure(Errc::closed, "the transfer ended within a frame");
    have += size;
    received_ += size;
  }
  return payload;
}

bool FrameReader::next(Received& frame) {
  if (!fill(kFrameHeader)) {
    if (begin_ != end_) throw Failure(Errc::closed, "the transfer ended within a frame");
    return false;
  }
  wire::Reader header({buffer_.data() + begin_, kFrameHeader});
  begin_ += kFrameHeader;
  frame.type = static_cast<Frame>(header.u8());
  auto length = header.u32();
  if (length > kMaxFrame)
    throw Failure(Errc::too_large, fmt::format("transfer: a frame of {} bytes", length));
  frame.buffer = take_payload(length);
  frame.payload = std::string_view(*frame.buffer).substr(0, length);
  if (frame.type == Frame::packed) frame = unwrap(unpack(frame.payload));
  if (frame.type == Frame::fatal) throw Failure(unwrap(decode_failed(frame.payload)).error);
  return true;
}

Result<Received> unpack(std::string_view payload) {
  wire::VarintReader in(payload);
  auto type = in.raw(1);
  auto length = in.varint();
  if (!in.ok() || length > kMaxFrame || type[0] == static_cast<char>(Frame::packed))
    return fail(Errc::malformed, "transfer: a compressed frame has a bad head");
  auto buffer = std::make_shared<std::string>(length, '\0');
  auto size = ZSTD_decompress(buffer->data(), length, in.rest().data(), in.rest().size());
  if (ZSTD_isError(size) != 0 || size != length)
    return fail(Errc::malformed, "transfer: a compressed frame cannot be unpacked");
  Received frame{static_cast<Frame>(type[0]), buffer, *buffer};
  return frame;
}

}  // namespace nigh::sync
