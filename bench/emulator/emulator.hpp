// SPDX-License-Identifier: Apache-2.0
// The loop that carries packets between two TUN devices and obeys commands meanwhile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "path.hpp"
#include "tun_device.hpp"

namespace nigh::emulator {

class Emulator {
 public:
  Emulator(TunDevice a, TunDevice b, const Conditions& conditions);

  // Runs until `commands` is at its end or `stop` is readable (a signalfd). Each line of
  // `commands` is answered by one line on stdout: "ok", "error: …", or figures for "stats".
  Result<void> run(int commands, int stop);

 private:
  struct Direction {
    TunDevice& from;
    TunDevice& to;
    Path path;
  };

  Result<void> wait(int commands, int stop);
  void collect(Direction& direction, Time now);
  static void deliver(Direction& direction, Time now);
  Result<bool> obey(int commands);
  std::string answer(std::string_view line);
  std::string stats() const;
  Result<void> apply(const Conditions& conditions);

  TunDevice a_;
  TunDevice b_;
  Conditions conditions_;
  Direction directions_[2];
  std::vector<char> buffer_;
  std::string unfinished_;  // the beginning of a command line
  bool commands_ready_ = false;
  bool stopped_ = false;
};

}  // namespace nigh::emulator
