// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "service/run/frames.hpp"

namespace nigh::for_fuzz {

// What happens, one byte after the other.
class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool is_over() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string_view bytes() {
    const std::size_t length = byte();
    auto out = rest_.substr(0, length);
    rest_.remove_prefix(out.size());
    return out;
  }
  // u8 type, u8 length, payload: so that the fuzzer need not guess lengths.
  std::string frame() {
    auto type = static_cast<run::Frame>(byte());
    return run::frame(type, bytes());
  }

 private:
  std::string_view rest_;
};

}  // namespace nigh::for_fuzz
