// SPDX-License-Identifier: Apache-2.0
// The frames of nigh-file streams (docs/protocol/files.md), apart from any I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace nigh::resource {

inline constexpr std::uint32_t kMaxAccess = 1 << 20;  // bytes of one READ or WRITE

struct ReadAt {
  std::uint64_t offset;
  std::uint32_t length;
};
struct WriteAt {
  std::uint64_t offset;
  std::string_view bytes;  // into the decoder's buffer: until the next call
};
struct Stat {};
struct Truncate {
  std::uint64_t size;
};
struct SyncData {};
using FileRequest = std::variant<ReadAt, WriteAt, Stat, Truncate, SyncData>;

// Cuts what comes into requests. Keeps one frame at most: its length is looked at before its
// payload is kept.
class FileRequestDecoder {
 public:
  // Bytes as they came; then take next() until it has none.
  void feed(std::string_view bytes);
  // Errc::malformed, Errc::too_large: the stream makes no sense from here on.
  Result<std::optional<FileRequest>> next();
  // At the end: Errc::malformed if a frame is incomplete.
  Result<void> finish() const;

 private:
  std::string buffer_;
  std::size_t taken_ = 0;
};

struct FileStatus {
  std::uint64_t size = 0;
  std::int64_t mtime = 0;
  std::uint32_t mtime_nanoseconds = 0;
  std::uint32_t mode = 0;
};
std::string data_header(std::size_t size);  // the bytes follow
std::string ok_frame(std::uint32_t written);
std::string status_frame(const FileStatus& status);
std::string error_frame(const Error& error);

}  // namespace nigh::resource
