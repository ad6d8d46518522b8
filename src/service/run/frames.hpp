// SPDX-License-Identifier: Apache-2.0
// The frames of a session stream (docs/protocol/session.md): u8 type | u32 length | payload, inside
// the DATA of one HTTP/2 stream. Pure: bytes in, frames out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::run {

enum class Frame : std::uint8_t {
  // client to server
  spec = 1,           // JSON: what to run
  stdin_data = 2,     // bytes
  stdin_eof = 3,      // empty
  resize = 4,         // four u16: columns, rows, width and height in pixels
  signal = 5,         // "INT"
  output_closed = 6,  // u8: 1 stdout, 2 stderr; nobody reads it any more
  resume = 7,         // JSON: what is to go on, and from where
  output_ack = 8,     // two u64: bytes of STDOUT and STDERR that have arrived so far
  detach = 9,         // empty: this client leaves, the session goes on
  hang_up = 10,       // empty: the session is to end
  exit_ack = 11,      // empty: EXIT has arrived; the last frame
  // server to client
  started = 64,      // JSON
  stdout_data = 65,  // bytes
  stderr_data = 66,  // bytes
  ack = 67,          // u64: bytes of STDIN that the command has taken so far
  exit = 68,         // JSON: how it ended; the last frame
  notice = 69,       // JSON: output was lost, another client came, …
  screen = 70,       // bytes that paint a terminal; an empty one ends them
};

inline constexpr std::size_t kFrameHeader = 5;
// Data frames: their payload is passed on as it comes, so the limit bounds no memory of ours.
inline constexpr std::size_t kMaxData = 1 << 20;
// SPEC is the largest of the others: an argv of Linux has at most 128 KiB a word.
inline constexpr std::size_t kMaxSpec = 160 * 1024;
inline constexpr std::size_t kMaxControl = 4 * 1024;
// What a SPEC, or the request of `POST /v1/run`, asks to be run: all its words together, each with
// the few bytes that keep it apart.
inline constexpr std::size_t kMaxCommand = 160 * 1024;

// How much STDIN may be sent beyond what ACK has named: this before STARTED, and what STARTED says
// from then on. A limit of its own, and not HTTP/2's flow control, because a command that does not
// read must not keep a SIGNAL from getting through on the same stream.
inline constexpr std::size_t kEarlyInput = 64 * 1024;
inline constexpr std::size_t kMaxInputWindow = 16 << 20;  // fills 1 Gbit/s over 100 ms

std::string_view name(Frame type);

// The header alone, for a payload that is written behind it.
std::array<char, kFrameHeader> frame_header(Frame type, std::size_t length);
std::string frame(Frame type, std::string_view payload);

// Which frames this end accepts, and when. A server expects SPEC, then any of the others until the
// client's half ends; a client expects STARTED, then output, then EXIT and nothing after it. The
// frames that only sessions have are for the other two: a session's holder, which expects RESUME
// first, and its client.
enum class Receiver : std::uint8_t { server = 1, client = 2, holder = 4, resuming_client = 8 };

// Cuts a stream of bytes into frames. Control frames are gathered and reported whole, data in the
// pieces it came in; of data frames without a byte only SCREEN is reported.
class FrameDecoder {
 public:
  struct Handler {
    std::function<Result<void>(Frame, std::string_view payload)> on_control;
    std::function<void(Frame, std::string_view piece)> on_data;
  };
  // open: the frame that comes first was read elsewhere.
  enum class Begin { first, open };
  FrameDecoder(Receiver receiver, Handler handler, Begin begin = Begin::first)
      : receiver_(receiver),
        handler_(std::move(handler)),
        state_(begin == Begin::open ? State::open : State::first) {}

  // Errc::malformed or Errc::too_large, naming the frame; the stream must be ended then.
  Result<void> feed(std::string_view bytes);
  // The peer's half has ended. Errc::malformed inside a frame.
  Result<void> finish() const;

 private:
  enum class State { first, open, input_ended, over };

  Result<void> begin_frame();
  Result<void> admit(Frame type);
  Result<void> take_payload(std::string_view& bytes);
  Result<void> end_control();

  Receiver receiver_;
  Handler handler_;
  State state_;
  std::array<char, kFrameHeader> header_{};
  std::size_t header_size_ = 0;
  Frame type_{};
  std::size_t left_ = 0;  // of the payload
  std::string control_;   // gathered so far
};

}  // namespace nigh::run
