// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/byte_size.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

constexpr std::size_t kSmallestBar = 12;
constexpr std::size_t kLargestBar = 32;
constexpr std::size_t kSmallestName = 12;
constexpr std::string_view kGap = "  ";

// Without a total there is no part of it; nothing to do is all done.
double part_done(const TransferProgress& progress) {
  if (progress.bytes_total == 0) return progress.files_total <= progress.files_done ? 1 : 0;
  return std::min(
      1.0, static_cast<double>(progress.bytes_done) / static_cast<double>(progress.bytes_total));
}

std::string percent(const TransferProgress& progress) {
  if (!progress.counted) return " -- %";  // the total still grows
  return fmt::format("{:3} %", static_cast<int>(part_done(progress) * 100));
}

std::string bytes(const TransferProgress& progress) {
  return fmt::format("{} of {}{}", describe_bytes(progress.bytes_done),
                     describe_bytes(progress.bytes_total), progress.counted ? "" : " or more");
}

std::string files(const TransferProgress& progress) {
  return fmt::format("{}/{}{}", with_commas(progress.files_done), with_commas(progress.files_total),
                     progress.counted ? "" : "+");
}

// Gathers what there is room for.
class Line {
 public:
  explicit Line(std::size_t columns) : columns_(columns) {}

  bool fits(std::size_t columns) const { return used_ + kGap.size() + columns <= columns_; }
  std::string take(std::string part) {
    if (part.empty() || !fits(columns_of(part))) return {};
    used_ += kGap.size() + columns_of(part);
    return part;
  }
  std::size_t room() const {
    return columns_ > used_ + kGap.size() ? columns_ - used_ - kGap.size() : 0;
  }

 private:
  std::size_t columns_;
  std::size_t used_ = 0;
};

// Where the character with that number begins, in well-formed UTF-8.
std::size_t offset_of(std::string_view text, std::size_t column) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (columns_of(text.substr(at, 1)) == 1 && column-- == 0) break;
  return at;
}
std::string_view first_columns(std::string_view text, std::size_t columns) {
  return text.substr(0, offset_of(text, columns));
}
std::string_view last_columns(std::string_view text, std::size_t columns) {
  auto all = columns_of(text);
  return all <= columns ? text : text.substr(offset_of(text, all - columns));
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string line;
  for (auto part : parts)
    if (!part.empty()) line.append(line.empty() ? "" : kGap).append(part);
  return line;
}

}  // namespace

std::string progress_line(const ProgressView& view, std::size_t columns) {
  const auto& progress = view.progress;
  auto first = percent(progress);
  // Its parts stand where they are also while numbers change their length.
  auto rate = fmt::format("{:>8}", describe_rate(view.rate));
  if (columns_of(first) + kGap.size() + columns_of(rate) > columns)
    return std::string(first_columns(first, columns));
  Line line(columns - columns_of(first) - columns_of(rate) - kGap.size());
  auto left = line.take(view.left ? fmt::format("{:>7}", clock_time(*view.left)) : "");
  auto sizes = line.take(bytes(progress));
  auto count = line.take(progress.files_total > 1 ? files(progress) : "");
  std::string bar;
  if (line.room() >= kSmallestBar) {
    bool with_name = line.room() >= kSmallestBar + kGap.size() + kSmallestName;
    auto width = with_name ? line.room() / 2 : line.room();
    bar = line.take(progress_bar(part_done(progress), std::min(width, kLargestBar)));
  }
  auto name = line.room() >= kSmallestName ? elide(progress.current, line.room()) : "";
  return joined({first, bar, sizes, rate, left, count, name});
}

std::string progress_note(const ProgressView& view) {
  const auto& progress = view.progress;
  auto note = bytes(progress);
  if (progress.counted) note += fmt::format(", {} %", static_cast<int>(part_done(progress) * 100));
  note += ", " + describe_rate(view.rate);
  if (view.left) note += fmt::format(", {} left", clock_time(*view.left));
  return note + fmt::format(", {} of {}{} files", with_commas(progress.files_done),
                            with_commas(progress.files_total), progress.counted ? "" : " or more");
}

std::string clock_time(std::chrono::seconds time) {
  auto seconds = time.count();
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string progress_bar(double part, std::size_t width) {
  if (width < 3) return std::string(width, ' ');
  auto inner = width - 2;
  auto done = static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * static_cast<double>(inner));
  auto bar = std::string(done, '=') + (done < inner ? ">" : "");
  return fmt::format("[{:<{}}]", bar, inner);
}

std::string elide(std::string_view name, std::size_t columns) {
  constexpr std::string_view kLeftOut = "...";
  auto shown = printable(name);
  if (columns_of(shown) <= columns) return shown;
  if (columns <= kLeftOut.size()) return std::string(kLeftOut.substr(0, columns));
  auto kept = columns - kLeftOut.size();
  // The end of a path tells more than its beginning.
  return fmt::format("{}{}{}", first_columns(shown, kept / 2), kLeftOut,
                     last_columns(shown, kept - kept / 2));
}

}  // namespace nigh::cli
