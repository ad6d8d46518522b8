// SPDX-License-Identifier: Apache-2.0
#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "service/sync/frames.hpp"
#include "wire/varint.hpp"

namespace nigh::sync {
namespace {

constexpr std::size_t kWorthPacking = 512;
constexpr double kWorthIt = 0.95;  // of the size; above, raw
constexpr int kSkipAfterMiss = 16;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void put_header(char* at, Frame type, std::size_t length) {
  at[0] = static_cast<char>(type);
  for (int i = 0; i < 4; ++i) at[1 + i] = static_cast<char>(length >> (24 - 8 * i));
}

int level_for(double bytes_per_second) {
  if (bytes_per_second < 10e6) return 6;
  return bytes_per_second < 50e6 ? 3 : 1;
}

}  // namespace

// Compresses, and learns whether that pays.
struct FrameWriter::Packer {
  struct Free {
    void operator()(ZSTD_CCtx* owned) const { ZSTD_freeCCtx(owned); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context{ZSTD_createCCtx()};
  std::string out;
  int skip = 0;                 // so many frames more are not tried
  double write_per_byte = 0;    // seconds that the channel makes us wait, smoothed
  double pack_per_byte = 2e-9;  // seconds
  double last_ratio = 0.5;

  bool try_pack(std::string_view payload, Frame type, int effort) {
    out.assign(kFrameHeader, '\0');
    out += static_cast<char>(type);
    wire::put_varint(out, payload.size());
    auto head = out.size();
    out.resize(head + ZSTD_compressBound(payload.size()));
    auto size = ZSTD_compressCCtx(context.get(), out.data() + head, out.size() - head,
                                  payload.data(), payload.size(), effort);
    if (ZSTD_isError(size) != 0) return false;
    out.resize(head + size);
    return static_cast<double>(out.size()) < kWorthIt * static_cast<double>(payload.size());
  }

  // Only while compressing and sending less takes less time than sending all.
  bool pays() const { return pack_per_byte + last_ratio * write_per_byte < write_per_byte; }

  bool adaptive(std::string_view payload, Frame type) {
    if (skip > 0) {
      --skip;
      return false;
    }
    if (!pays()) return false;
    auto start = now();
    bool smaller = try_pack(payload, type, level_for(1 / write_per_byte));
    auto size = static_cast<double>(payload.size());
    pack_per_byte += 0.2 * ((now() - start) / size - pack_per_byte);
    last_ratio = static_cast<double>(out.size()) / size;
    if (!smaller) skip = kSkipAfterMiss, last_ratio = 0.5;
    return smaller;
  }
};

FrameWriter::FrameWriter(ByteChannel& channel, std::uint64_t bytes_per_second)
    : channel_(channel), bytes_per_second_(bytes_per_second), packer_(std::make_unique<Packer>()) {}

FrameWriter::~FrameWriter() = default;

void FrameWriter::wait_for_rate(std::size_t size) {
  if (bytes_per_second_ == 0) return;
  allowance_at_ = std::max(allowance_at_, now());
  while (!stopped_) {
    auto wait = allowance_at_ - now();
    if (wait <= 0) break;
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(wait, 0.1)));
  }
  allowance_at_ += static_cast<double>(size) / static_cast<double>(bytes_per_second_);
}

void FrameWriter::write(std::string_view bytes) {
  wait_for_rate(bytes.size());
  auto start = now();
  channel_.write(bytes);
  auto per_byte = (now() - start) / static_cast<double>(bytes.size());
  packer_->write_per_byte += 0.1 * (per_byte - packer_->write_per_byte);
  sent_ += bytes.size();
}

void FrameWriter::send(FrameBuffer& frame, Pack pack) {
  expect(frame.payload_size() <= kMaxFrame, "a frame is within its limit");
  std::lock_guard lock(mutex_);
  bool packed = false;
  if (pack != Pack::no && frame.payload_size() >= kWorthPacking)
    packed = pack == Pack::metadata ? packer_->try_pack(frame.payload(), frame.type(), 1)
                                    : packer_->adaptive(frame.payload(), frame.type());
  auto& bytes = packed ? packer_->out : frame.bytes_;
  put_header(bytes.data(), packed ? Frame::packed : frame.type(), bytes.size() - kFrameHeader);
  write(bytes);
}

void FrameWriter::send(Frame type) {
  FrameBuffer frame(type);
  send(frame);
}

}  // namespace nigh::sync
