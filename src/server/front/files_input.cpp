// SPDX-License-Identifier: Apache-2.0
#include "server/front/files_input.hpp"

#include <algorithm>
#include <utility>

namespace nigh::server {

void FilesInput::attach(const asio::any_io_executor& executor, UniqueFd fd,
                        std::function<void()> on_finished) {
  if (dropped_) return;
  sink_.emplace(executor, std::move(fd),
                io::FdSink::Events{[this](std::size_t count) { on_written(count); },
                                   [this](int) { forget_kept(); },  // the process needs no more
                                   std::move(on_finished)});
  sink_->write(std::exchange(early_, {}));
  if (finished_) sink_->finish();
}

void FilesInput::write(std::string_view bytes) {
  if (dropped_) return on_gone_(bytes.size());
  kept_ += bytes.size();
  if (sink_)
    sink_->write(bytes);
  else
    early_ += bytes;
}

void FilesInput::on_written(std::size_t count) {
  auto of_head = std::min(count, head_left_);
  head_left_ -= of_head;
  count -= of_head;
  kept_ -= count;
  if (count > 0) on_gone_(count);
}

void FilesInput::finish() {
  finished_ = true;
  if (sink_) sink_->finish();
}

std::string FilesInput::take_early() {
  dropped_ = true;
  kept_ = 0;
  return std::exchange(early_, {});
}

void FilesInput::forget_kept() {
  dropped_ = true;
  if (kept_ > 0) on_gone_(std::exchange(kept_, 0));
}

void FilesInput::drop() {
  sink_.reset();
  early_ = std::string();
  forget_kept();
}

}  // namespace nigh::server
