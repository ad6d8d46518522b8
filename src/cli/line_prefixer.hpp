// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nigh::cli {

// Cuts a stream of bytes into lines and puts a host's name before each, so that many hosts can
// share one terminal. Bytes are passed on as they are. A line that never ends is broken at
// kLongestLine, so that memory is bounded.
class LinePrefixer {
 public:
  static constexpr std::size_t kLongestLine = 64u << 10;

  explicit LinePrefixer(std::string prefix) : prefix_(std::move(prefix)) {}

  // The lines that `bytes` completes, each with prefix and line feed; often empty.
  std::string feed(std::string_view bytes);
  // At the end: the last line, if it had no line feed.
  std::string finish();

 private:
  void add(std::string_view line_rest, std::string& out);

  std::string prefix_;
  std::string partial_;
};

}  // namespace nigh::cli
