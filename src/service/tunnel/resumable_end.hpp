// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "service/session/replay.hpp"

namespace nigh::tunnel {

// Who gets what a ResumableEnd receives. Called from inside receive().
class ResumableTaker {
 public:
  virtual ~ResumableTaker() = default;
  virtual void on_bytes(std::string_view piece) = 0;  // each byte once, and in order
  virtual void on_end() = 0;
};

// What an end of a tunnel knows, as far as another process has to know it to be that end.
struct ResumableState {
  std::uint64_t begin = 0;     // offset of the first byte that is kept
  bool ended = false;          // nothing follows what is kept
  std::uint64_t received = 0;  // see ResumableEnd::received()
  bool received_end = false;
};

// One end of a tunnel that survives its connections (docs/protocol/tunnels.md): keeps what the
// other end does not have yet, and knows what it has itself. Both ends are alike. Bytes in, bytes
// out; no stream, no clock.
//
// The other end is hostile until parsed: what it sends grows nothing here. Not for several threads.
class ResumableEnd {
 public:
  static constexpr std::size_t kCapacity = 16u << 20;
  // What is received is acknowledged each so many bytes, if nothing is sent before that.
  static constexpr std::uint64_t kAckEach = 256 * 1024;

  explicit ResumableEnd(std::size_t capacity = kCapacity) : kept_(capacity) {}
  // Another process had it, with what it kept: append() that. Errc::malformed: no such state.
  static Result<ResumableEnd> from(const ResumableState& state);
  ResumableState state() const;

  // ---- the connection

  // What this end has of the other's bytes, and one more if it has their end. The other end's
  // go_on() wants to know.
  std::uint64_t received() const { return received_ + (received_end_ ? 1 : 0); }
  // What is sent and received from now on is on another connection, whose other end has so much.
  // Errc::malformed: it cannot have that.
  Result<void> go_on(std::uint64_t theirs);

  // ---- what is sent

  // How many bytes more it may keep; 0 once it has ended.
  std::size_t free() const { return ended_ ? 0 : kept_.free(); }
  std::size_t append(std::string_view bytes) { return kept_.append(bytes); }
  // Where the next bytes may be read to, once fill() has written all there was, in front of `into`.
  // That is in `into` itself, where they will be sent from, if it is worth it. Then pass() is told
  // how many came, and says how much of `into` is used now; the rest is to be filled in.
  std::span<char> room_in(std::span<char> into);
  std::size_t pass(std::span<char> into, std::size_t count);
  void end() { ended_ = true; }
  // Writes what is to be sent next, as much as fits, and says how many bytes. 0: nothing now.
  std::size_t fill(std::span<char> into);
  // And then what is read for it. take(rest) does that, with room_in() and pass(), whose result it
  // returns; 0: there is nothing now.
  template <class Take>
  std::size_t fill(std::span<char> into, Take take) {
    auto size = fill(into);
    for (auto rest = into.subspan(size); size == 0 || worth_reading_to(rest);
         rest = into.subspan(size)) {
      std::size_t taken = take(rest);
      taken += fill(rest.subspan(taken));
      if (taken == 0) break;
      size += taken;
    }
    return size;
  }
  bool has_output() const;
  std::size_t kept() const { return kept_.size(); }
  std::string_view kept_at(std::uint64_t offset) const { return kept_.at(offset - origin_); }

  // ---- what is received

  // Errc::malformed: this is no tunnel of ours.
  Result<void> receive(std::string_view bytes, ResumableTaker& taker);
  // Something was received of which the other end does not know.
  bool owes_ack() const { return received() != told_; }
  // Then it is told soon, and not only with what is sent.
  void ack_now() { ack_due_ = ack_due_ || owes_ack(); }

  // The other end has everything, its end included, and this one has the other's.
  bool is_complete() const { return ended_ && acked_end_ && received_end_; }

 private:
  static constexpr std::size_t kUsefulRoom = 1024;

  static bool worth_reading_to(std::span<char> into) { return into.size() >= kUsefulRoom; }
  Result<void> on_frame(std::string_view payload);
  Result<void> on_ack(std::uint64_t count);
  bool ack_is_due() const;
  std::uint64_t kept_end() const { return origin_ + kept_.end(); }
  void put_frame(std::string& out, char type, std::string_view payload) const;
  bool has_bytes() const { return sent_ < kept_end(); }
  void queue_control();

  // ---- sending: offsets are of all bytes since the tunnel's start
  std::uint64_t origin_ = 0;  // offset of the first byte that kept_ ever had
  session::Replay kept_;
  std::uint64_t sent_ = 0;  // on this connection
  bool ended_ = false;
  bool end_sent_ = false;  // on this connection
  bool acked_end_ = false;
  std::string spill_;  // frames, or the end of one, that go first

  // ---- receiving
  std::uint64_t received_ = 0;
  bool received_end_ = false;
  std::uint64_t told_ = 0;
  bool ack_due_ = false;
  std::string header_;         // of a frame, as far as it has come
  char type_ = 0;              // of the frame that comes
  std::uint32_t to_come_ = 0;  // of its payload
  std::string payload_;        // of a control frame
};

}  // namespace nigh::tunnel
