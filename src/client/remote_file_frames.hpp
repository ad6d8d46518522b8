// SPDX-License-Identifier: Apache-2.0
// The frames of random access to a file (CONNECT with the protocol nigh-file): u8 type, u32 length,
// payload, all big-endian. Requests are answered in their order.
#pragma once

#include <nigh/files.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::client {

enum class FileFrame : std::uint8_t {
  read = 1,      // u64 offset, u32 length -> data
  write = 2,     // u64 offset, bytes -> ok
  stat = 3,      // -> status
  truncate = 4,  // u64 size -> ok
  sync = 5,      // -> ok
  ok = 64,       // of a write: u32 bytes written
  data = 65,     // shorter than asked for: the file ends there
  status = 66,   // u64 size, i64 mtime, u32 nanoseconds, u32 mode
  error = 67,    // u32 Errc, string message; in the place of any other answer
};

inline constexpr std::size_t kMaxFileData = 1 << 20;  // of one READ or WRITE

std::string read_frame(std::uint64_t offset, std::uint32_t length);
std::string write_frame(std::uint64_t offset, std::string_view bytes);
std::string truncate_frame(std::uint64_t size);
std::string plain_frame(FileFrame type);

// Errc::malformed.
Result<std::uint32_t> decode_written(std::string_view payload);
Result<FileStatus> decode_status(std::string_view payload);
Result<Error> decode_error(std::string_view payload);

// Cuts what a host sends into answers, without keeping data.
class FileAnswers {
 public:
  struct Handler {
    std::function<Result<void>(std::string_view piece)> on_data;  // of a DATA frame
    // `payload` is empty for DATA, whose pieces have all come by then.
    std::function<Result<void>(FileFrame type, std::string_view payload)> on_answer;
  };
  explicit FileAnswers(Handler handler) : handler_(std::move(handler)) {}

  // Errc::malformed: then the stream is of no use any more. An Error of the handler comes out too.
  Result<void> feed(std::string_view bytes);

 private:
  Result<void> take(std::string_view& bytes);
  Result<void> begin_frame();
  Result<void> end_frame();

  Handler handler_;
  std::string kept_;  // of a header, or of the payload of what is no DATA
  bool in_payload_ = false;
  FileFrame type_ = FileFrame::ok;
  std::size_t left_ = 0;  // of the payload
};

}  // namespace nigh::client
