// SPDX-License-Identifier: Apache-2.0
// What is shown while a transfer runs. Pure.
#pragma once

#include <nigh/files.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nigh::cli {

struct ProgressView {
  TransferProgress progress;
  double rate = 0;  // bytes a second
  std::optional<std::chrono::seconds> left;
};

// One line of at most `columns` columns: of percent, bar, bytes, rate, time left, files and the
// file under way what there is room for, the first and the rate always.
std::string progress_line(const ProgressView& view, std::size_t columns);

// The same for a log: "1.2 GB of 4.0 GB, 31 %, 110 MB/s, 0:25 left, 120 of 400 files"
std::string progress_note(const ProgressView& view);

// "0:25", "1:02:03"
std::string clock_time(std::chrono::seconds time);
// "[====>     ]" with `width` columns in all; `part` is 0 to 1.
std::string progress_bar(double part, std::size_t width);
// `name`, printable, with its middle left out where it is longer than `columns`.
std::string elide(std::string_view name, std::size_t columns);

}  // namespace nigh::cli
