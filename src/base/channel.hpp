// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace nigh {

// A stream of bytes both ways, for code that blocks: one thread may read while another writes.
// Every function throws Failure: Errc::closed once the other side is gone, Errc::cancelled after
// cancel(). (Channel, in <nigh/types.hpp>, is a program's stdout or stderr.)
class ByteChannel {
 public:
  virtual ~ByteChannel() = default;
  // At least one byte; 0: the other side has ended its half.
  virtual std::size_t read(std::span<char> into) = 0;
  // All of `bytes`; waits while the other side does not read.
  virtual void write(std::string_view bytes) = 0;
  // Ends our half.
  virtual void finish() = 0;
  // From any thread: makes what waits, and all that follows, fail. What has arrived before may
  // still be read.
  virtual void cancel() = 0;
};

}  // namespace nigh
