// SPDX-License-Identifier: Apache-2.0
// UTF-8, decoded as it comes and encoded.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace nigh::terminal {

inline constexpr char32_t kReplacement = 0xfffd;

// Takes bytes one by one. What is not UTF-8 becomes one replacement character for each longest
// beginning of a valid character, as Unicode recommends.
class Utf8Decoder {
 public:
  // What a byte completes: nothing, a character, or a replacement character and perhaps one more.
  struct Characters {
    std::array<char32_t, 2> values{};
    std::size_t count = 0;
  };
  Characters take(unsigned char byte);

  // The text is interrupted: true if a character was not complete, which is dropped then.
  bool interrupt();
  bool is_partial() const { return missing_ > 0; }
  // The bytes of the incomplete character.
  std::string_view partial() const { return {bytes_.data(), seen_}; }

 private:
  bool begin(unsigned char byte);

  char32_t value_ = 0;
  int missing_ = 0;
  unsigned char lowest_ = 0x80;  // of the byte that comes next
  unsigned char highest_ = 0xbf;
  std::array<char, 4> bytes_{};
  std::size_t seen_ = 0;
};

void append_utf8(std::string& out, char32_t character);

}  // namespace nigh::terminal
