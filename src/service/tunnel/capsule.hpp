// SPDX-License-Identifier: Apache-2.0
// Datagrams in a stream: capsules (RFC 9297) that carry UDP payloads (RFC 9298). Both ends use
// this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::tunnel {

inline constexpr std::size_t kMaxDatagram = 65'527;  // RFC 9298, section 5

// A DATAGRAM capsule with context id 0. `payload` has at most kMaxDatagram bytes.
std::string datagram_capsule(std::string_view payload);

// Takes bytes as they come. Capsules of other types, and datagrams of other contexts, are skipped;
// of what is incomplete it keeps one datagram at most.
class CapsuleDecoder {
 public:
  void feed(std::string_view bytes);
  // The next payload, which may be empty; nullopt: there is none yet. After an error (malformed:
  // a datagram that is too large, or has no context) nothing more comes.
  Result<std::optional<std::string>> next();
  std::size_t kept() const { return buffer_.size() - at_; }

 private:
  std::string buffer_;
  std::size_t at_ = 0;      // what was used of it
  std::uint64_t skip_ = 0;  // bytes to come that nobody wants
};

}  // namespace nigh::tunnel
