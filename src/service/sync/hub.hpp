// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/files.hpp>

#include <chrono>
#include <mutex>
#include <string>

namespace nigh::sync {

// Gathers what a transfer does, from all its threads, and tells the caller: one call at a time.
class Hub {
 public:
  explicit Hub(const TransferEvents& events) : events_(events) {}

  void item(const TransferItem& item);
  void failure(const std::string& path, const Error& error);
  void skipped(const std::string& path, FileKind kind, const std::string& reason);
  void pass();

  // Progress. `current` is shown until another one is named.
  void total(std::uint64_t files, std::uint64_t bytes);
  void begin_file(const std::string& path);
  void add_bytes(std::uint64_t count);
  void end_file();
  void unchanged(std::uint64_t files);
  void literal(std::uint64_t bytes);

  // What the other end knows better: it wrote.
  void set_written(std::uint64_t files, std::uint64_t directories, std::uint64_t removed,
                   std::uint64_t moved);
  bool verbose() const { return static_cast<bool>(events_.on_item); }
  std::uint64_t failed() const;
  TransferReport report() const;

 private:
  void tell_progress(bool now);
  void count(const TransferItem& item);

  const TransferEvents& events_;
  mutable std::mutex mutex_;
  TransferReport report_;
  TransferProgress progress_;
  std::chrono::steady_clock::time_point told_{};
};

}  // namespace nigh::sync
