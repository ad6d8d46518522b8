// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "service/sync/frames.hpp"

namespace nigh::sync {

// Tells the sender how much of its data is written, which it goes by (credit.hpp). Any thread.
class WrittenReports {
 public:
  explicit WrittenReports(FrameWriter& writer) : writer_(writer) {}

  // The frame's buffer again; when its last holder lets it go, the frame counts as written.
  std::shared_ptr<std::string> watch(const Received& frame);
  // Frames that go now are not written any more.
  void stop();

 private:
  struct Watched;
  void on_gone(std::uint64_t size) noexcept;
  bool is_due() const;

  FrameWriter& writer_;
  std::mutex mutex_;
  std::uint64_t received_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t reported_ = 0;
  std::chrono::steady_clock::time_point reported_at_;
  bool stopped_ = false;
};

}  // namespace nigh::sync
