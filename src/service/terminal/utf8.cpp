// SPDX-License-Identifier: Apache-2.0
#include "service/terminal/utf8.hpp"

namespace nigh::terminal {

// The ranges of the second byte exclude overlong forms, surrogates and what is above U+10FFFF
// (Unicode, table 3-7).
bool Utf8Decoder::begin(unsigned char byte) {
  lowest_ = 0x80;
  highest_ = 0xbf;
  if (byte >= 0xc2 && byte <= 0xdf) {
    value_ = byte & 0x1fU;
    missing_ = 1;
  } else if (byte >= 0xe0 && byte <= 0xef) {
    value_ = byte & 0x0fU;
    missing_ = 2;
    if (byte == 0xe0) lowest_ = 0xa0;
    if (byte == 0xed) highest_ = 0x9f;
  } else if (byte >= 0xf0 && byte <= 0xf4) {
    value_ = byte & 0x07U;
    missing_ = 3;
    if (byte == 0xf0) lowest_ = 0x90;
    if (byte == 0xf4) highest_ = 0x8f;
  } else {
    return false;
  }
  bytes_[0] = static_cast<char>(byte);
  seen_ = 1;
  return true;
}

Utf8Decoder::Characters Utf8Decoder::take(unsigned char byte) {
  Characters done;
  if (missing_ > 0) {
    if (byte >= lowest_ && byte <= highest_) {
      value_ = value_ << 6 | (byte & 0x3fU);
      lowest_ = 0x80;
      highest_ = 0xbf;
      bytes_[seen_++] = static_cast<char>(byte);
      if (--missing_ == 0) {
        done.values[done.count++] = value_;
        seen_ = 0;
      }
      return done;
    }
    interrupt();
    done.values[done.count++] = kReplacement;
  }
  if (byte < 0x80) {
    done.values[done.count++] = byte;
  } else if (!begin(byte)) {
    done.values[done.count++] = kReplacement;
  }
  return done;
}

bool Utf8Decoder::interrupt() {
  const bool was_partial = missing_ > 0;
  missing_ = 0;
  seen_ = 0;
  return was_partial;
}

void append_utf8(std::string& out, char32_t character) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xc0 | character >> 6);
    put(0x80 | (character & 0x3f));
  } else if (character < 0x10000) {
    put(0xe0 | character >> 12);
    put(0x80 | (character >> 6 & 0x3f));
    put(0x80 | (character & 0x3f));
  } else {
    put(0xf0 | character >> 18);
    put(0x80 | (character >> 12 & 0x3f));
    put(0x80 | (character >> 6 & 0x3f));
    put(0x80 | (character & 0x3f));
  }
}

}  // namespace nigh::terminal
