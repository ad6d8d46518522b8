// SPDX-License-Identifier: Apache-2.0
// Streams of which every byte says where it belongs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "service/session/client_session.hpp"

namespace nigh::session::for_test {

// Byte `offset` of a stream, so that a byte too many or too few is seen at once.
inline char pattern(std::uint64_t stream, std::uint64_t offset) {
  auto mixed = (offset + 1) * 0x9E3779B97F4A7C15u ^ (stream + 1) * 0xBF58476D1CE4E5B9u;
  return static_cast<char>((stream << 6) | ((mixed >> 40) & 63));
}

// What a client has seen, checked as it comes.
class CheckingTaker : public SessionTaker {
 public:
  void on_started() override { ++started; }
  void on_output(Channel output, std::string_view piece) override {
    if (!screen_.empty()) follow_screen();
    for (char c : piece)
      if (c != pattern(output == Channel::out ? 2 : 3, at(output)++)) ++wrong;
  }
  void on_screen(std::string_view piece) override { screen_ += piece; }
  void on_lost(Channel output, std::uint64_t bytes) override {
    at(output) += bytes;
    lost += bytes;
  }
  void on_notice(const Notice& /*notice*/) override {}

  // A repaint stands for all output before an offset, which it says.
  void follow_screen() {
    auto begin = screen_.rfind('<');
    if (begin == screen_.npos || !screen_.ends_with('>'))
      ++wrong;
    else
      at(Channel::out) = std::stoull(screen_.substr(begin + 1));
    screen_.clear();
  }
  std::uint64_t& at(Channel output) { return at_[static_cast<std::size_t>(output)]; }
  bool was_painted() const { return !screen_.empty(); }

  int started = 0;
  int wrong = 0;  // bytes
  std::uint64_t lost = 0;

 private:
  std::array<std::uint64_t, 2> at_{};
  std::string screen_;
};

}  // namespace nigh::session::for_test
