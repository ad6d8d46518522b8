// SPDX-License-Identifier: Apache-2.0
#include "io/fd_sink.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/error.hpp"

namespace nigh::io {

std::size_t FdSink::write_now(std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size() && readiness_) {
    auto n = ::write(readiness_->fd(), bytes.data() + done, bytes.size() - done);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      readiness_->arm();
      break;
    } else if (errno != EINTR) {
      int error_number = errno;
      readiness_.reset();
      queue_ = std::string();
      sent_ = 0;
      if (done > 0) events_.on_written(std::exchange(done, 0));
      events_.on_broken(error_number);
    }
  }
  return done;
}

void FdSink::write(std::string_view bytes) {
  if (!readiness_) return;
  std::size_t done = queued() == 0 ? write_now(bytes) : 0;
  if (!readiness_) return;
  // A reader that is always a little behind must not make the queue keep what has long gone. Moved
  // when it is the larger half, so that each byte moves at most once.
  if (sent_ > queue_.size() / 2) {
    queue_.erase(0, sent_);
    sent_ = 0;
  }
  queue_ += bytes.substr(done);
  if (done > 0) events_.on_written(done);
}

void FdSink::write(std::span<const std::string_view> pieces) {
  if (!readiness_) return;
  std::size_t done = 0;
  if (queued() == 0) {
    std::array<iovec, 16> vectors{};
    expect(pieces.size() <= vectors.size(), "too many pieces for one write");
    std::ranges::transform(pieces, vectors.begin(), [](std::string_view piece) {
      return iovec{const_cast<char*>(piece.data()), piece.size()};
    });
    auto n = ::writev(readiness_->fd(), vectors.data(), static_cast<int>(pieces.size()));
    if (n > 0) {
      done = static_cast<std::size_t>(n);
      events_.on_written(done);
    }
  }
  // What is left, or why nothing could be written, is for the other way.
  for (auto piece : pieces) {
    auto gone = std::min(done, piece.size());
    done -= gone;
    if (gone < piece.size()) write(piece.substr(gone));
  }
}

void FdSink::lend(std::string_view bytes) {
  if (readiness_ && queued() == 0) {
    iovec vector{const_cast<char*>(bytes.data()), bytes.size()};
    auto n = ::vmsplice(readiness_->fd(), &vector, 1, SPLICE_F_NONBLOCK);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      events_.on_written(static_cast<std::size_t>(n));
    }
  }
  if (!bytes.empty()) write(bytes);
}

void FdSink::drain() {
  if (!readiness_) return;
  auto done = write_now(std::string_view(queue_).substr(sent_));
  if (!readiness_) return;
  sent_ += done;
  if (sent_ == queue_.size()) {
    queue_ = std::string();  // a burst's memory is not kept
    sent_ = 0;
  }
  if (done > 0) events_.on_written(done);  // who hears it may look at what is left
  close_if_done();
}

std::string FdSink::take_unwritten() {
  queue_.erase(0, std::exchange(sent_, 0));
  return std::exchange(queue_, {});
}

void FdSink::finish() {
  finishing_ = true;
  close_if_done();
}

void FdSink::close_if_done() {
  if (!finishing_ || queued() > 0 || !readiness_) return;
  readiness_.reset();
  events_.on_finished();
}

}  // namespace nigh::io
