// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/byte_size.hpp"
#include "cli/duration.hpp"

namespace nigh::cli {
namespace {

constexpr std::size_t kKeptFailures = 1000;

// By FileKind; devices are one thing to people.
constexpr std::array<std::string_view, 7> kNouns{"file",   "folder", "link",  "FIFO",
                                                 "socket", "device", "device"};

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : std::string(separator)) + part;
  return all;
}

double seconds(const TransferReport& report) {
  return static_cast<double>(report.elapsed.count()) / 1e6;
}

bool did_nothing(const TransferReport& report) {
  return report.files + report.directories + report.removed + report.moved == 0;
}

// "copied 1,204 files, 3.2 GB, made 3 folders, moved 2 files, deleted 1 file"
std::string work(const TransferOutcome& outcome) {
  const auto& report = outcome.report;
  if (did_nothing(report))
    return report.unchanged > 0 ? "compared " + count_of(report.unchanged, "file")
                                : "copied nothing";
  std::vector<std::string> parts;
  auto add = [&](std::uint64_t count, std::string_view verb, std::string_view noun) {
    if (count > 0) parts.push_back(fmt::format("{} {}", verb, count_of(count, noun)));
  };
  add(report.files, "copied", "file");
  if (report.files > 0) parts.push_back(describe_bytes(report.bytes));
  add(report.directories, "made", "folder");
  add(report.moved, "moved", "file");
  add(report.removed, "deleted", "item");
  return (outcome.dry_run ? "would have " : "") + joined(parts, ", ");
}

std::string on_the_wire(const TransferReport& report) {
  auto wire = report.wire_sent + report.wire_received;
  if (wire == 0) return {};
  auto text = describe_bytes(wire) + " over the wire";
  if (report.bytes == 0) return text;
  auto ratio = static_cast<double>(report.bytes) / static_cast<double>(wire);
  return text + fmt::format(" (ratio {:.{}f})", ratio, ratio < 9.95 ? 1 : 0);
}

std::string skipped(const TransferOutcome& outcome) {
  if (outcome.report.skipped == 0) return {};
  std::vector<std::string> kinds;
  for (std::size_t i = 0; i < kNouns.size(); ++i) {
    auto count = outcome.skipped_kinds[i];
    if (i + 1 < kNouns.size() && kNouns[i] == kNouns[i + 1]) continue;  // counted with the next
    if (i > 0 && kNouns[i] == kNouns[i - 1]) count += outcome.skipped_kinds[i - 1];
    if (count > 0) kinds.push_back(count_of(count, kNouns[i]));
  }
  auto text = with_commas(outcome.report.skipped) + " skipped";
  return kinds.empty() ? text : fmt::format("{} ({})", text, joined(kinds, ", "));
}

}  // namespace

void TransferOutcome::add(const TransferReport& other) {
  report.files += other.files;
  report.directories += other.directories;
  report.removed += other.removed;
  report.moved += other.moved;
  report.unchanged += other.unchanged;
  report.skipped += other.skipped;
  report.bytes += other.bytes;
  report.literal += other.literal;
  report.wire_sent += other.wire_sent;
  report.wire_received += other.wire_received;
  report.elapsed += other.elapsed;
  report.failed += other.failed;
  auto room = kKeptFailures - std::min(kKeptFailures, report.failures.size());
  auto kept = std::min(room, other.failures.size());
  report.failures.insert(report.failures.end(), other.failures.begin(),
                         other.failures.begin() + static_cast<std::ptrdiff_t>(kept));
}

int exit_status(const TransferOutcome& outcome) {
  const auto& report = outcome.report;
  if (outcome.interrupted != 0) return 128 + outcome.interrupted;
  bool nothing = did_nothing(report) && report.unchanged == 0;
  if (outcome.broken) return nothing ? kNothingCopied : kSomeNotCopied;
  if (report.failed == 0) return kAllCopied;
  if (nothing && outcome.missing >= outcome.sources) return kNothingCopied;
  return report.failed == outcome.vanished ? kSomeVanished : kSomeNotCopied;
}

std::string summary_line(const TransferOutcome& outcome) {
  const auto& report = outcome.report;
  auto line = fmt::format("{} in {}", work(outcome), describe_elapsed(report.elapsed));
  if (did_nothing(report) && report.failed == 0) line += ": nothing to do";
  if (report.bytes > 0 && !did_nothing(report) && seconds(report) > 0 && !outcome.dry_run)
    line +=
        fmt::format(" ({})", describe_rate(static_cast<double>(report.bytes) / seconds(report)));
  bool several = report.files + report.unchanged + report.moved + report.directories > 1;
  std::vector<std::string> parts{line};
  if (auto wire = on_the_wire(report); several && !wire.empty()) parts.push_back(wire);
  std::vector<std::string> troubles;
  if (auto text = skipped(outcome); !text.empty()) troubles.push_back(text);
  if (report.failed > 0) troubles.push_back(with_commas(report.failed) + " failed");
  if (!troubles.empty()) parts.push_back(joined(troubles, ", "));
  return joined(parts, "; ");
}

std::string interrupted_line(const TransferProgress& progress) {
  return fmt::format("interrupted after {} of {}, {} of {}; the same command goes on from there",
                     with_commas(progress.files_done), count_of(progress.files_total, "file"),
                     describe_bytes(progress.bytes_done), describe_bytes(progress.bytes_total));
}

std::string describe_elapsed(std::chrono::microseconds elapsed) {
  auto seconds = static_cast<double>(elapsed.count()) / 1e6;
  if (seconds < 0.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  return describe(std::chrono::round<std::chrono::seconds>(elapsed));
}

}  // namespace nigh::cli
