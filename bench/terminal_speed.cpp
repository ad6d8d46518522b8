// SPDX-License-Identifier: Apache-2.0
// terminal-speed: how fast the model of a session's screen takes output, as a terminal's reads
// bring it (4 KiB at a time), how long it takes to repaint, and what memory it has then.
#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "service/terminal/screen.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string repeated(std::string_view line, std::size_t size) {
  std::string text;
  while (text.size() < size) text += line;
  return text;
}

std::size_t memory() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

void measure(std::string_view name, std::string_view line, std::size_t total) {
  const std::string text = repeated(line, 8 << 20);
  const std::size_t before = memory();
  nigh::terminal::Screen screen(24, 80, 10'000);
  const auto start = Clock::now();
  for (std::size_t done = 0; done < total; done += text.size()) {
    for (std::size_t at = 0; at < text.size(); at += 4096) {
      screen.feed(std::string_view(text).substr(at, 4096));
    }
  }
  const double feeding = seconds_since(start);
  const std::size_t pending = memory() - before;
  const auto asked = Clock::now();
  const std::size_t bytes = screen.repaint(10'000).size();
  const double painting = seconds_since(asked);
  fmt::print(
      "{:<24} {:7.0f} MB/s   repaint {:6.1f} ms, {:5} KiB   memory {:5} KiB, settled {:5} KiB\n",
      name, static_cast<double>(total) / 1e6 / feeding, painting * 1e3, bytes / 1024,
      pending / 1024, (memory() - before) / 1024);
}

}  // namespace

int main() {
  const std::string words =
      "The quick brown fox jumps over the lazy dog, again and again, and again. ";
  measure("nothing", "\r\n", 1);
  measure("text, 80 columns", (words + words).substr(0, 80) + "\r\n", 2'000'000'000);
  measure("text, 40 columns", words.substr(0, 40) + "\r\n", 2'000'000'000);
  measure("yes", "y\r\n", 500'000'000);
  measure("lines of 300", repeated(words, 300).substr(0, 300) + "\r\n", 1'000'000'000);
  measure("one line", words, 1'000'000'000);
  measure("UTF-8",
          "\u00dcber den Wolken mu\u00df die Freiheit wohl grenzenlos sein, \u6f22\u5b57\r\n",
          500'000'000);
  measure("coloured, as ls",
          "\x1b[0m\x1b[01;34mfolder\x1b[0m  \x1b[01;32mprogram\x1b[0m  file.txt  other.cpp\r\n",
          100'000'000);
  measure("coloured, as a compiler",
          "\x1b[1m/src/file.cpp:12:3: \x1b[0m\x1b[0;1;31merror: \x1b[0m\x1b[1muse of undeclared "
          "identifier\x1b[0m\r\n",
          100'000'000);
  std::string frame = "\x1b[H";
  for (int row = 0; row < 24; ++row)
    frame += fmt::format("\x1b[{};1H\x1b[38;5;{}m{}\x1b[K", row + 1, row, words);
  measure("a full screen, again", frame, 100'000'000);
}
