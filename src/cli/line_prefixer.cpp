// SPDX-License-Identifier: Apache-2.0
#include "cli/line_prefixer.hpp"

#include <algorithm>

namespace nigh::cli {

std::string LinePrefixer::feed(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    auto room = kLongestLine - partial_.size();
    auto end = bytes.substr(0, room).find('\n');
    if (end != bytes.npos) {
      add(bytes.substr(0, end), out);
      bytes.remove_prefix(end + 1);
    } else if (bytes.size() < room) {
      partial_ += bytes;
      break;
    } else {
      add(bytes.substr(0, room), out);
      bytes.remove_prefix(room);
      if (bytes.starts_with('\n')) bytes.remove_prefix(1);
    }
  }
  return out;
}

std::string LinePrefixer::finish() {
  std::string out;
  if (!partial_.empty()) add({}, out);
  return out;
}

void LinePrefixer::add(std::string_view line_rest, std::string& out) {
  out += prefix_;
  out += partial_;
  out += line_rest;
  out += '\n';
  partial_.clear();
}

}  // namespace nigh::cli
