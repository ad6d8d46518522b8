// SPDX-License-Identifier: Apache-2.0
#include "service/resource/random_frames.hpp"

#include <fmt/format.h>

#include "wire/reader.hpp"

namespace nigh::resource {
namespace {

constexpr std::size_t kHeader = 5;

enum class Frame : std::uint8_t {
  read = 1,
  write = 2,
  stat = 3,
  truncate = 4,
  sync = 5,
  ok = 64,
  data = 65,
  status = 66,
  error = 67,
};

struct Limits {
  std::uint32_t least;
  std::uint32_t most;
};
std::optional<Limits> limits_of(Frame type) {
  switch (type) {
    case Frame::read:
      return Limits{12, 12};
    case Frame::write:
      return Limits{8, 8 + kMaxAccess};
    case Frame::stat:
    case Frame::sync:
      return Limits{0, 0};
    case Frame::truncate:
      return Limits{8, 8};
    default:
      return std::nullopt;
  }
}

std::string frame_header(Frame type, std::size_t size) {
  wire::Writer out;
  out.u8(static_cast<std::uint8_t>(type)).u32(static_cast<std::uint32_t>(size));
  return std::move(out).str();
}

std::string frame(Frame type, const std::string& payload) {
  return frame_header(type, payload.size()) + payload;
}

Result<FileRequest> parse(Frame type, std::string_view payload) {
  wire::Reader in(payload);
  switch (type) {
    case Frame::read: {
      auto offset = in.u64();
      auto length = in.u32();
      if (length > kMaxAccess) return fail(Errc::too_large, "a READ of more than 1 MiB");
      return ReadAt{offset, length};
    }
    case Frame::write: {
      auto offset = in.u64();
      return WriteAt{offset, in.rest()};
    }
    case Frame::truncate:
      return Truncate{in.u64()};
    case Frame::sync:
      return SyncData{};
    default:
      return Stat{};
  }
}

}  // namespace

void FileRequestDecoder::feed(std::string_view bytes) {
  buffer_.erase(0, taken_);
  taken_ = 0;
  buffer_ += bytes;
}

Result<std::optional<FileRequest>> FileRequestDecoder::next() {
  auto rest = std::string_view(buffer_).substr(taken_);
  if (rest.size() < kHeader) return std::nullopt;
  wire::Reader in(rest);
  auto type = static_cast<Frame>(in.u8());
  auto length = in.u32();
  auto limits = limits_of(type);
  if (!limits)
    return fail(Errc::malformed,
                fmt::format("a frame of the unknown type {}", static_cast<int>(type)));
  if (length < limits->least || length > limits->most)
    return fail(length > limits->most ? Errc::too_large : Errc::malformed,
                fmt::format("a frame of type {} with {} bytes", static_cast<int>(type), length));
  if (rest.size() < kHeader + length) return std::nullopt;
  taken_ += kHeader + length;
  auto request = parse(type, rest.substr(kHeader, length));
  if (!request) return std::unexpected(request.error());
  return *request;
}

Result<void> FileRequestDecoder::finish() const {
  if (taken_ == buffer_.size()) return {};
  return fail(Errc::malformed, "the stream ended inside a frame");
}

std::string data_header(std::size_t size) { return frame_header(Frame::data, size); }

std::string ok_frame(std::uint32_t written) {
  wire::Writer out;
  out.u32(written);
  return frame(Frame::ok, out.str());
}

std::string status_frame(const FileStatus& status) {
  wire::Writer out;
  out.u64(status.size).u64(static_cast<std::uint64_t>(status.mtime));
  out.u32(status.mtime_nanoseconds).u32(status.mode);
  return frame(Frame::status, out.str());
}

std::string error_frame(const Error& error) {
  wire::Writer out;
  out.u32(static_cast<std::uint32_t>(error.code)).string(error.message);
  return frame(Frame::error, out.str());
}

}  // namespace nigh::resource
