// SPDX-License-Identifier: Apache-2.0
#include "client/remote_file_frames.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "wire/reader.hpp"

namespace nigh::client {
namespace {

constexpr std::size_t kHeader = 5;
constexpr std::size_t kMaxAnswer = 64 * 1024;  // of what is no DATA

std::string frame(FileFrame type, std::string_view payload) {
  wire::Writer writer;
  writer.u8(static_cast<std::uint8_t>(type)).u32(static_cast<std::uint32_t>(payload.size()));
  return std::move(writer.bytes(payload)).str();
}

bool is_answer(FileFrame type) { return type >= FileFrame::ok && type <= FileFrame::error; }

}  // namespace

std::string read_frame(std::uint64_t offset, std::uint32_t length) {
  return frame(FileFrame::read, wire::Writer().u64(offset).u32(length).str());
}

std::string write_frame(std::uint64_t offset, std::string_view bytes) {
  wire::Writer writer;
  writer.u8(static_cast<std::uint8_t>(FileFrame::write));
  writer.u32(static_cast<std::uint32_t>(8 + bytes.size())).u64(offset);
  return std::move(writer.bytes(bytes)).str();
}

std::string truncate_frame(std::uint64_t size) {
  return frame(FileFrame::truncate, wire::Writer().u64(size).str());
}

std::string plain_frame(FileFrame type) { return frame(type, ""); }

Result<std::uint32_t> decode_written(std::string_view payload) {
  wire::Reader reader(payload);
  auto written = reader.u32();
  if (auto r = reader.finish("nigh-file OK"); !r) return std::unexpected(r.error());
  return written;
}

Result<FileStatus> decode_status(std::string_view payload) {
  wire::Reader reader(payload);
  FileStatus status;
  status.size = reader.u64();
  status.mtime = static_cast<std::int64_t>(reader.u64());
  status.mtime_nanoseconds = reader.u32();
  status.mode = reader.u32() & 07777;
  if (auto r = reader.finish("nigh-file STATUS"); !r) return std::unexpected(r.error());
  return status;
}

Result<Error> decode_error(std::string_view payload) {
  wire::Reader reader(payload);
  auto code = reader.u32();
  auto message = printable(reader.string());
  if (auto r = reader.finish("nigh-file ERROR"); !r) return std::unexpected(r.error());
  // A code of a later nigh.
  if (code > static_cast<std::uint32_t>(Errc::system)) code = static_cast<int>(Errc::system);
  return Error{static_cast<Errc>(code), std::move(message)};
}

Result<void> FileAnswers::feed(std::string_view bytes) {
  while (!bytes.empty())
    if (auto r = take(bytes); !r) return r;
  return {};
}

Result<void> FileAnswers::take(std::string_view& bytes) {
  auto wanted = in_payload_ ? left_ : kHeader - kept_.size();
  auto piece = bytes.substr(0, wanted);
  bytes.remove_prefix(piece.size());
  if (!in_payload_) {
    kept_ += piece;
    return kept_.size() == kHeader ? begin_frame() : Result<void>();
  }
  left_ -= piece.size();
  if (type_ != FileFrame::data)
    kept_ += piece;
  else if (auto r = handler_.on_data(piece); !r)
    return r;
  return left_ == 0 ? end_frame() : Result<void>();
}

Result<void> FileAnswers::begin_frame() {
  wire::Reader reader(kept_);
  type_ = static_cast<FileFrame>(reader.u8());
  left_ = reader.u32();
  kept_.clear();
  if (!is_answer(type_) || left_ > (type_ == FileFrame::data ? kMaxFileData : kMaxAnswer))
    return fail(Errc::malformed, "the host sends frames about the file that make no sense");
  in_payload_ = true;
  return left_ == 0 ? end_frame() : Result<void>();
}

Result<void> FileAnswers::end_frame() {
  in_payload_ = false;
  auto payload = std::exchange(kept_, {});
  return handler_.on_answer(type_, payload);
}

}  // namespace nigh::client
