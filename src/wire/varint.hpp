// SPDX-License-Identifier: Apache-2.0
// Unsigned integers of 1 to 10 bytes: seven bits a byte, lowest first, the top bit says that more
// follow (LEB128). Signed ones are folded first (zigzag), so that small magnitudes stay short.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::wire {

// Appends to a buffer that the caller owns.
void put_varint(std::string& out, std::uint64_t value);
void put_signed(std::string& out, std::int64_t value);
void put_bytes(std::string& out, std::string_view bytes);  // length, then the bytes

// Like wire::Reader: a failed read yields zero and makes all later ones fail. Encodings that are
// longer than need be, or over 64 bits, are failures.
class VarintReader {
 public:
  explicit VarintReader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t varint();
  std::int64_t signed_varint();
  std::string_view bytes();             // length, then the bytes
  std::string_view raw(std::size_t n);  // just the bytes
  std::uint64_t fixed64();              // big-endian

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  // Errc::malformed, naming `what`, if a read failed or bytes are left over.
  Result<void> finish(std::string_view what) const;

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace nigh::wire
