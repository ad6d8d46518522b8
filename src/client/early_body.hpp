// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "http2/session.hpp"

namespace nigh::client {

// How much of a body goes out before the server has accepted our key. Six attempts and their
// headers stay within the 64 KiB that protocol.md allows before authentication.
inline constexpr std::size_t kEarlyBytes = 8 * 1024;

// A body that can be sent again: the first bytes of `inner` leave with the request, without waiting
// for the server's consent, and are kept until release() in case it wants another key first.
class EarlyBody : public http2::BodySource {
 public:
  explicit EarlyBody(http2::BodySource& inner) : inner_(inner) {}

  // The next read() begins at the first byte again.
  void rewind() { sent_ = 0; }
  // The server has consented: no limit any more, nothing is kept.
  void release() { released_ = true; }

  Chunk read(std::span<char> into) override;

 private:
  Chunk replay(std::span<char> into);

  http2::BodySource& inner_;
  std::string kept_;
  std::size_t sent_ = 0;  // of kept_, in this attempt
  bool ended_ = false;    // kept_ is all there is
  bool released_ = false;
};

}  // namespace nigh::client
