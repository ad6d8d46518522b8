// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstring>
#include <string_view>

namespace nigh::files {

// One component of a path, as a C string for the kernel. Never a path: what is empty, ".", "..", of
// more than 255 bytes or has a '/' or NUL is not valid, so that no name leads out of its directory.
class NameArgument {
 public:
  explicit NameArgument(std::string_view name)
      : valid_(!name.empty() && name.size() < text_.size() && name != "." && name != ".." &&
               std::memchr(name.data(), '/', name.size()) == nullptr &&
               std::memchr(name.data(), '\0', name.size()) == nullptr) {
    if (!valid_) name = {};
    name.copy(text_.data(), name.size());
    text_[name.size()] = '\0';
  }

  bool valid() const { return valid_; }
  const char* c_str() const { return text_.data(); }

 private:
  std::array<char, 256> text_;
  bool valid_;
};

}  // namespace nigh::files
