// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/channel.hpp"
#include "base/error.hpp"

namespace nigh::for_fuzz {

// A peer that says what the fuzzer says, whatever it is told: repeated u8 type, u8 length, payload
// become frames, so that the fuzzer need not guess lengths.
class HostilePeer final : public ByteChannel {
 public:
  explicit HostilePeer(std::string_view script) {
    while (script.size() >= 2) {
      auto length = std::min<std::size_t>(static_cast<std::uint8_t>(script[1]), script.size() - 2);
      bytes_ += script[0];
      bytes_ += std::string("\0\0\0", 3);
      bytes_ += static_cast<char>(length);
      bytes_ += script.substr(2, length);
      script.remove_prefix(2 + length);
    }
  }
  std::size_t read(std::span<char> into) override {
    auto size = bytes_.copy(into.data(), into.size(), at_);
    at_ += size;
    return size;
  }
  void write(std::string_view) override {
    if (cancelled_) throw Failure(Errc::cancelled, "over");
  }
  void finish() override {}
  void cancel() override { cancelled_ = true; }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
  std::atomic<bool> cancelled_ = false;
};

// A folder in memory, made anew for every input, with another one beside it that nobody may touch.
class Place {
 public:
  Place() : top_("/dev/shm/nigh-fuzz-" + std::to_string(::getpid())) {
    std::filesystem::remove_all(top_);
    std::filesystem::create_directories(top_ + "/target/sub");
    std::filesystem::create_directories(top_ + "/outside");
    std::filesystem::create_symlink("../outside", top_ + "/target/link");
    std::ofstream(top_ + "/target/a") << std::string(5000, 'a');
    std::ofstream(top_ + "/target/sub/b") << "b";
    std::ofstream(top_ + "/outside/mine") << "mine";
  }
  ~Place() {
    std::ifstream mine(top_ + "/outside/mine");
    std::string text;
    mine >> text;
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(top_ + "/outside"))
      ++entries;
    expect(text == "mine" && entries == 1, "something outside of the target has changed");
    std::filesystem::remove_all(top_);
  }
  std::string target() const { return top_ + "/target"; }

 private:
  std::string top_;
};

}  // namespace nigh::for_fuzz
