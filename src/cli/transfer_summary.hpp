// SPDX-License-Identifier: Apache-2.0
// What came of a transfer, in a line and as an exit status. Pure.
#pragma once

#include <nigh/files.hpp>

#include <array>
#include <cstdint>
#include <string>

namespace nigh::cli {

inline constexpr int kAllCopied = 0;
inline constexpr int kNothingCopied = 1;
inline constexpr int kSomeNotCopied = 23;
inline constexpr int kSomeVanished = 24;

struct TransferOutcome {
  TransferReport report;
  bool dry_run = false;
  std::array<std::uint64_t, 7> skipped_kinds{};  // of those that were skipped, by FileKind
  std::uint64_t vanished = 0;                    // of the failures: gone before they were read
  std::uint64_t sources = 0;                     // that were named
  std::uint64_t missing = 0;                     // of the failures: a source that is not there
  bool broken = false;                           // a part of the transfer ended before its time
  int interrupted = 0;                           // by this signal

  // What went on with another host.
  void add(const TransferReport& other);
};

int exit_status(const TransferOutcome& outcome);

// "copied 1,204 files, 3.2 GB in 4.1 s (780 MB/s); 12 MB over the wire (ratio 267); 3 skipped
// (2 links, 1 device), 1 failed"
std::string summary_line(const TransferOutcome& outcome);
// For one that a signal has ended: "interrupted after 120 of 400 files, 1.2 GB of 4.0 GB; …"
std::string interrupted_line(const TransferProgress& progress);
// The same as summary_line() as one JSON object.
std::string summary_json(const TransferOutcome& outcome);

// "0.03 s", "4.1 s", "2 min 5 s"
std::string describe_elapsed(std::chrono::microseconds elapsed);

}  // namespace nigh::cli
