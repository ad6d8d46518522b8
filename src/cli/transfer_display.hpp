// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/files.hpp>

#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "cli/progress_line.hpp"
#include "cli/rate_meter.hpp"
#include "cli/transfer_arguments.hpp"
#include "cli/transfer_summary.hpp"

namespace nigh::cli {

// All that a transfer says while it runs: items and JSON on standard output, failures and progress
// on standard error, where a line that is updated in place makes room for the others. May be used
// from the transfer's threads and the main one at the same time.
class TransferDisplay {
 public:
  enum class Progress { none, bar, notes, json };

  explicit TransferDisplay(const TransferArguments& arguments);

  // Called, on any thread, once nobody reads standard output any more.
  std::function<void()> on_closed;

  // For a transfer with `host`, after those that were before. `sources` as they were named.
  TransferEvents events(std::string host, const std::vector<std::string>& sources);
  void tick();  // once a second: time passes also while nothing comes

  // Takes the progress away and says how it ended; returns the exit status.
  int finish(TransferOutcome outcome);

  // What ended a transfer before its time, unless failures have said that already.
  void broken(const std::string& where, const Error& error);

 private:
  using Clock = std::chrono::steady_clock;

  void item(const TransferItem& item);
  void failure(const std::string& host, const TransferFailure& failure);
  void progress(const TransferProgress& progress);
  void pass();

  void show_progress(Clock::time_point now);
  ProgressView view(Clock::time_point now) const;
  void draw(const std::string& line);
  void clear();
  void print_line(const std::string& line);
  void flush();
  bool wants_summary(const TransferOutcome& outcome) const;
  void count(TransferOutcome& outcome) const;

  const TransferArguments& arguments_;
  const Progress kind_;
  const std::chrono::milliseconds interval_;
  const bool several_hosts_;
  const bool lists_;

  std::mutex mutex_;  // guards all that follows
  std::set<std::string> sources_;
  std::array<std::uint64_t, 7> skipped_kinds_{};
  std::uint64_t failures_ = 0;
  std::uint64_t vanished_ = 0;
  std::uint64_t missing_ = 0;
  TransferProgress before_;  // of the transfers that are over
  TransferProgress latest_;
  RateMeter rate_;
  Clock::time_point shown_ = Clock::now();
  std::size_t drawn_ = 0;  // columns of the line that stands there
  bool noted_ = false;
  std::string pending_;  // lines for standard output
  bool closed_ = false;
  bool complete_ = false;  // --watch: the first pass is
};

}  // namespace nigh::cli
