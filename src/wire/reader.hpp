// SPDX-License-Identifier: Apache-2.0
// Reads and writes the field types of SSH (RFC 4251, section 5): big-endian integers and strings
// that are a u32 length and that many bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::wire {

// A cursor over bytes that it does not own. A failed read yields a zero or an empty view and makes
// every later read fail too, so a parser reads all fields and asks ok() (or finish()) once.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8();
  std::uint32_t u32();
  std::uint64_t u64();
  std::string_view bytes(std::size_t count);
  std::string_view string();  // u32 length, then the bytes

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  // Errc::malformed, naming `what`, if a read failed or bytes are left over.
  Result<void> finish(std::string_view what) const;

 private:
  std::string_view rest_;
  bool ok_ = true;
};

class Writer {
 public:
  Writer& u8(std::uint8_t value);
  Writer& u32(std::uint32_t value);
  Writer& u64(std::uint64_t value);
  Writer& bytes(std::string_view value);
  Writer& string(std::string_view value);

  const std::string& str() const& { return out_; }
  std::string str() && { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace nigh::wire
