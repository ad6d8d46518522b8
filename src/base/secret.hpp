// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string.h>

#include <string>
#include <string_view>
#include <utility>

namespace nigh {

// Bytes that must not outlive their use: wiped on destruction and assignment, never copied,
// never printed (there is no operator<<, and fmt refuses it).
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) { wipe(bytes); }
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::move(other.bytes_);
      wipe(other.bytes_);
    }
    return *this;
  }
  ~Secret() { wipe(bytes_); }

  // The bytes, for the one call that needs them.
  std::string_view expose() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

  // Overwrites the whole allocation, not only size() bytes. (A moved-from short string still has
  // its bytes in the object itself, which is why the move operations wipe their source too.)
  static void wipe(std::string& s) {
    s.resize(s.capacity());
    explicit_bzero(s.data(), s.size());
    s.clear();
  }

 private:
  std::string bytes_;
};

}  // namespace nigh
