// SPDX-License-Identifier: Apache-2.0
#include "service/sync/written.hpp"

#include "service/sync/answers.hpp"

namespace nigh::sync {
namespace {

using namespace std::chrono_literals;

// Half of what a sender may always have under way (Flight::kLeast): else it could wait for us.
constexpr std::uint64_t kStep = 64 << 10;
constexpr auto kPause = 200us;

}  // namespace

struct WrittenReports::Watched {
  WrittenReports& reports;
  std::shared_ptr<std::string> buffer;
  std::uint64_t size;
  Watched(WrittenReports& all, const Received& frame)
      : reports(all), buffer(frame.buffer), size(frame.payload.size()) {}
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  ~Watched() { reports.on_gone(size); }
};

std::shared_ptr<std::string> WrittenReports::watch(const Received& frame) {
  {
    std::lock_guard lock(mutex_);
    received_ += frame.payload.size();
  }
  auto watched = std::make_shared<Watched>(*this, frame);
  return {watched, watched->buffer.get()};
}

void WrittenReports::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
}

bool WrittenReports::is_due() const {
  if (stopped_ || written_ - reported_ < kStep) return false;
  return written_ == received_ || std::chrono::steady_clock::now() - reported_at_ >= kPause;
}

void WrittenReports::on_gone(std::uint64_t size) noexcept {
  std::lock_guard lock(mutex_);
  written_ += size;
  if (!is_due()) return;
  reported_ = written_;
  reported_at_ = std::chrono::steady_clock::now();
  try {
    auto frame = encode(WrittenNote{written_});
    writer_.send(frame);
  } catch (...) {
    stopped_ = true;  // why shows where frames are read
  }
}

}  // namespace nigh::sync
