// SPDX-License-Identifier: Apache-2.0
// The frames of a channel's stream (docs/protocol/channels.md): u8 type | u32 length | payload,
// inside the DATA of one HTTP/2 stream. Pure: bytes in, frames out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::channel {

enum class Frame : std::uint8_t {
  // client to server
  message = 1,  // u64 sequence, bytes: one message of a sender
  data = 2,     // bytes of a sender's stream
  end = 3,      // empty: the stream is complete
  ack = 4,      // u64: a receiver has taken all deliveries up to that one
  // server to client
  welcome = 64,    // u64, u32: how many of this sender are taken already, how many receivers
  delivery = 65,   // 16 bytes, u64, bytes: of whom, its sequence, a message
  piece = 66,      // bytes of a stream
  complete = 67,   // empty: the stream is complete, and counts as one delivery
  broken = 68,     // empty: the stream's sender is gone before its end
  taken = 69,      // u64: a sender's messages up to that one are taken; 1: its stream is
  confirmed = 70,  // u64: the acknowledgement of deliveries up to that one will not be forgotten
  receivers = 71,  // u32: there are some now, or none any more
  empty = 72,      // empty: a receiver that does not wait gets no more
  error = 73,      // JSON: type, detail; the last frame
};

inline constexpr std::size_t kFrameHeader = 5;
inline constexpr std::size_t kMaxMessage = 1 << 20;
inline constexpr std::size_t kMaxPiece = 1 << 20;  // of a stream: passed on as it comes
inline constexpr std::size_t kSenderId = 16;

// The header alone, for a payload that is written behind it.
std::array<char, kFrameHeader> frame_header(Frame type, std::size_t length);
std::string frame(Frame type, std::string_view payload);
std::string number_frame(Frame type, std::uint64_t number);

// Cuts what one end gets into frames.
class FrameDecoder {
 public:
  enum class Receiver { server, client };
  struct Handler {
    // Whole. `payload` is only there during the call.
    std::function<Result<void>(Frame, std::string_view payload)> on_frame;
    // data and piece, as they come; never empty.
    std::function<Result<void>(std::string_view bytes)> on_bytes;
  };
  FrameDecoder(Receiver receiver, Handler handler)
      : receiver_(receiver), handler_(std::move(handler)) {}

  // Errc::malformed, Errc::too_large, or what the handler says: the stream must be ended then.
  Result<void> feed(std::string_view bytes);
  bool inside_frame() const { return header_size_ > 0; }
  // So many of the next bytes are on_bytes() and nothing else.
  std::size_t passing() const;
  // They need not be fed: somebody else has passed on so many of them.
  void passed(std::size_t count);

 private:
  Result<void> take_header(std::string_view& bytes);
  Result<void> take_payload(std::string_view& bytes);

  Receiver receiver_;
  Handler handler_;
  std::array<char, kFrameHeader> header_{};
  std::size_t header_size_ = 0;
  Frame type_{};
  std::size_t left_ = 0;  // of the payload
  std::string gathered_;  // of a frame that comes in parts
};

}  // namespace nigh::channel
