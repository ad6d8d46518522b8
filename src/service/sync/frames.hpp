// SPDX-License-Identifier: Apache-2.0
// The frames of a transfer (docs/protocol/sync.md): u8 type | u32 length | payload, both ways.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/channel.hpp"
#include "base/error.hpp"

namespace nigh::sync {

enum class Frame : std::uint8_t {
  packed = 1,  // u8 type, varint length, zstd: another frame, compressed
  spec = 2,    // client to server, first
  owners = 3,  // names of users and groups, before their numbers are used
  fatal = 4,   // the transfer as a whole has failed: why
  // sender to receiver
  round = 16,     // what this round is about
  digests = 17,   // of the sender's directories
  totals = 18,    // how much there will be
  batch = 19,     // records: folders, small files, removals, … (records.hpp)
  data = 20,      // a piece of a large file
  ask = 21,       // for a signature of the receiver's old version
  complete = 22,  // everything of this round has been sent
  good_bye = 23,  // there is no further round
  // receiver to sender
  same = 32,          // nothing to do: the digests agree
  want_digests = 33,  // they do not: send all
  listing = 34,       // what a directory that differs holds
  listed = 35,        // no further listing
  signature = 36,     // answers ask
  outcome = 37,       // of one large file or move
  failed = 38,        // of something else
  result = 39,        // answers complete: all is on disk as was asked
  written = 40,       // how much data is in files by now
};

inline constexpr std::size_t kFrameHeader = 5;
inline constexpr std::size_t kMaxFrame = (1 << 20) + (64 << 10);
// How much of a large file one frame carries: what fits a core's cache twice.
inline constexpr std::size_t kDataSize = 256 << 10;

// resize() without writing zeros first. (What the operation is told is not always what was asked
// for.)
inline void resize_for_overwrite(std::string& bytes, std::size_t size) {
  bytes.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
}

// A frame under construction: the payload stands behind room for the header, so that both leave in
// one write.
class FrameBuffer {
 public:
  explicit FrameBuffer(Frame type) : type_(type) { bytes_.resize(kFrameHeader); }
  std::string& bytes() { return bytes_; }  // append the payload here
  std::size_t payload_size() const { return bytes_.size() - kFrameHeader; }
  std::string_view payload() const { return std::string_view(bytes_).substr(kFrameHeader); }
  Frame type() const { return type_; }
  void clear() { bytes_.resize(kFrameHeader); }

 private:
  friend class FrameWriter;
  Frame type_;
  std::string bytes_;
};

// The sending half of a channel; any thread may send.
class FrameWriter {
 public:
  enum class Pack { no, metadata, adaptive };
  FrameWriter(ByteChannel& channel, std::uint64_t bytes_per_second);
  ~FrameWriter();

  // `pack`: metadata is compressed whenever that makes it smaller, data only while it makes the
  // whole faster.
  void send(FrameBuffer& frame, Pack pack = Pack::no);
  void send(Frame type);  // without a payload
  std::uint64_t sent() const { return sent_; }
  void stop() { stopped_ = true; }  // ends waiting for the rate limit

 private:
  struct Packer;
  void write(std::string_view bytes);
  void wait_for_rate(std::size_t size);

  ByteChannel& channel_;
  const std::uint64_t bytes_per_second_;
  std::mutex mutex_;
  std::unique_ptr<Packer> packer_;
  double allowance_at_ = 0;  // when the rate limit lets the next byte go
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<bool> stopped_{false};
};

// A received frame. Its bytes are the holder's.
struct Received {
  Frame type{};
  std::shared_ptr<std::string> buffer;
  std::string_view payload;
};

// The receiving half; one thread.
class FrameReader {
 public:
  explicit FrameReader(ByteChannel& channel) : channel_(channel) { buffer_.resize(kBuffer); }
  // False: the peer has ended its half between frames. Throws Errc::malformed, Errc::too_large,
  // or what the channel throws.
  bool next(Received& frame);
  std::uint64_t received() const { return received_; }

 private:
  static constexpr std::size_t kBuffer = 64 << 10;
  bool fill(std::size_t wanted);
  std::shared_ptr<std::string> take_payload(std::size_t length);

  ByteChannel& channel_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::shared_ptr<std::string> spare_[8];
  std::size_t next_spare_ = 0;
  std::atomic<std::uint64_t> received_{0};
};

// Errc::malformed unless `payload` is a packed frame whose contents have at most kMaxFrame bytes.
Result<Received> unpack(std::string_view payload);

}  // namespace nigh::sync
