// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <nigh/types.hpp>

#include <chrono>
#include <functional>
#include <utility>

namespace nigh::client {

// Tells whoever asked (`nigh run -v`) about each step of connecting, with its time.
class Progress {
 public:
  using Listener = std::function<void(const Step&)>;
  explicit Progress(Listener listener) : listener_(std::move(listener)) {}

  template <class... Args>
  void step(fmt::format_string<Args...> format, Args&&... args) const {
    if (!listener_) return;
    auto elapsed = std::chrono::steady_clock::now() - start_;
    listener_({std::chrono::duration_cast<std::chrono::microseconds>(elapsed),
               fmt::format(format, std::forward<Args>(args)...)});
  }

 private:
  Listener listener_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace nigh::client
