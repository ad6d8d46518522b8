// SPDX-License-Identifier: Apache-2.0
// What the frames carry that only sessions have (docs/protocol/session.md): decoded strictly where
// a client is read, and with unknown members skipped where a server is.
#pragma once

#include <nigh/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace nigh::session {

// Names one client of a session for as long as that client lives, over all its connections. Counts
// from 1 in each session.
using AttachmentId = std::uint64_t;

// More lines of scrollback are not given; what asks for more is not understood.
inline constexpr std::uint32_t kMaxScrollback = 1'000'000;

// RESUME of a client that had a connection: what it has received so far.
struct ResumeRequest {
  AttachmentId attachment = 0;
  // Grows with each RESUME of this client: one that was sent on an older connection, and arrives
  // later than a newer one, is known by it.
  std::uint64_t attempt = 0;
  std::uint64_t out = 0;
  std::uint64_t err = 0;
  // A repaint was under way when the connection went: it must be painted again.
  bool screen = false;
  // The offset and the count from which STDIN and SIGNAL are sent again right behind this frame.
  // Without it: once STARTED has said from where.
  struct Again {
    std::uint64_t input = 0;
    std::uint64_t signals = 0;
  };
  std::optional<Again> again;
};

// RESUME of a client that is new to the session.
struct AttachRequest {
  std::uint32_t scrollback = 0;
  bool read_only = false;
  std::optional<std::uint64_t> tail;  // lines of output that was kept; none: from its start
  std::optional<WindowSize> size;     // of its terminal
};

using Resume = std::variant<ResumeRequest, AttachRequest>;
std::string encode_resume(const Resume& resume);
Result<Resume> decode_resume(std::string_view json);

// OUTPUT_ACK: how many bytes of each output the client has, counted from the command's start.
struct OutputAck {
  std::uint64_t out = 0;
  std::uint64_t err = 0;
};
std::string encode_output_ack(const OutputAck& ack);
Result<OutputAck> decode_output_ack(std::string_view payload);

// NOTICE: exactly one of these a frame.
struct Lost {  // so many bytes of an output are gone: the next one lies that much further
  Channel output = Channel::out;
  std::uint64_t bytes = 0;
};
struct Clients {  // so many are attached now
  std::uint64_t count = 0;
};
struct Detached {  // the server ends this connection; the last frame
  std::string why;
};
struct SizeNotice {  // the terminal's size now: the smallest of those that are attached
  WindowSize size;
};
struct SignalsTaken {  // so many SIGNALs have arrived: they need not be kept any more
  std::uint64_t count = 0;
};
struct UnknownNotice {};  // of a later version: to be skipped
using Notice = std::variant<UnknownNotice, Lost, Clients, Detached, SizeNotice, SignalsTaken>;
std::string encode_notice(const Notice& notice);
Result<Notice> decode_notice(std::string_view json);

}  // namespace nigh::session
