// SPDX-License-Identifier: Apache-2.0
#include "service/sync/answers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "files/names.hpp"

namespace nigh::sync {
namespace {

constexpr std::uint64_t kMost = static_cast<std::uint64_t>(INT64_MAX);

void put_flag(std::string& out, bool flag) { out += flag ? '\1' : '\0'; }

void put_fixed64(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

// Reads fields, and remembers whether one of them was impossible.
class Fields {
 public:
  explicit Fields(std::string_view payload) : in_(payload) {}

  std::uint64_t number(std::uint64_t most = kMost) {
    auto value = in_.varint();
    if (value > most) good_ = false;
    return value;
  }
  bool flag() { return number(1) == 1; }
  std::uint64_t fixed64() { return in_.fixed64(); }
  std::string path() {
    std::string value(in_.bytes());
    if (!is_valid_path(value)) good_ = false;
    return value;
  }
  std::string name() {
    std::string value(in_.bytes());
    if (!files::is_valid_name(value)) good_ = false;
    return value;
  }
  std::string text(std::size_t most) {
    auto value = in_.bytes();
    if (value.size() > most) good_ = false;
    return std::string(value.substr(0, most));
  }
  // Whether one of `left` elements is to be read: a count that the bytes do not back ends it.
  bool more(std::uint64_t& left) {
    if (left == 0) return false;
    if (!good_ || !in_.ok() || in_.at_end()) {
      good_ = false;
      return false;
    }
    --left;
    return true;
  }
  void refuse() { good_ = false; }
  bool good() const { return good_ && in_.ok(); }
  wire::VarintReader& in() { return in_; }

  template <class T>
  Result<T> finish(T value, std::string_view what) const {
    if (!good_ || !in_.ok() || !in_.at_end())
      return fail(Errc::malformed, fmt::format("transfer: a bad {} frame", what));
    return value;
  }

 private:
  wire::VarintReader in_;
  bool good_ = true;
};

}  // namespace

FrameBuffer encode(const OwnerNames& value) {
  FrameBuffer frame(Frame::owners);
  auto& out = frame.bytes();
  wire::put_varint(out, value.names.size());
  for (const auto& one : value.names) {
    put_flag(out, one.group);
    wire::put_varint(out, one.id);
    wire::put_bytes(out, one.name);
  }
  return frame;
}

Result<OwnerNames> decode_owners(std::string_view payload) {
  Fields in(payload);
  OwnerNames value;
  for (auto left = in.number(); in.more(left);) {
    OwnerNames::One one;
    one.group = in.flag();
    one.id = static_cast<std::uint32_t>(in.number(UINT32_MAX));
    one.name = in.text(256);
    value.names.push_back(std::move(one));
  }
  return in.finish(std::move(value), "OWNERS");
}

FrameBuffer encode(const Round& value) {
  FrameBuffer frame(Frame::round);
  auto& out = frame.bytes();
  put_flag(out, value.single);
  put_flag(out, value.folder);
  put_flag(out, value.names.has_value());
  if (!value.names) return frame;
  wire::put_varint(out, value.names->size());
  for (const auto& name : *value.names) wire::put_bytes(out, name);
  return frame;
}

Result<Round> decode_round(std::string_view payload) {
  Fields in(payload);
  Round value;
  value.single = in.flag();
  value.folder = in.flag();
  if (in.flag()) {
    value.names.emplace();
    for (auto left = in.number(); in.more(left);) value.names->push_back(in.name());
    if (value.names->empty()) in.refuse();
  }
  if (value.single && (!value.names || value.names->size() != 1)) in.refuse();
  return in.finish(std::move(value), "ROUND");
}

FrameBuffer encode(const Digests& value) {
  FrameBuffer frame(Frame::digests);
  auto& out = frame.bytes();
  put_fixed64(out, value.root.high);
  put_fixed64(out, value.root.low);
  put_flag(out, value.all);
  put_flag(out, value.last);
  wire::put_varint(out, value.folders.size());
  std::string_view before;
  for (const auto& folder : value.folders) {  // most paths share their beginning with the last one
    auto [end, unused] = std::ranges::mismatch(before, folder.path);
    auto shared = static_cast<std::size_t>(end - before.begin());
    wire::put_varint(out, shared);
    wire::put_bytes(out, std::string_view(folder.path).substr(shared));
    put_fixed64(out, folder.digest);
    before = folder.path;
  }
  return frame;
}

Result<Digests> decode_digests(std::string_view payload) {
  Fields in(payload);
  Digests value;
  value.root.high = in.fixed64();
  value.root.low = in.fixed64();
  value.all = in.flag();
  value.last = in.flag();
  std::string before;
  for (auto left = in.number(); in.more(left);) {
    auto shared = in.number();
    if (shared > before.size()) in.refuse();
    Digests::Folder folder;
    folder.path = before.substr(0, std::min<std::size_t>(shared, before.size()));
    folder.path += in.text(64 * 1024);
    if (!is_valid_path(folder.path)) in.refuse();
    folder.digest = in.fixed64();
    before = folder.path;
    value.folders.push_back(std::move(folder));
  }
  return in.finish(std::move(value), "DIGESTS");
}

FrameBuffer encode(const Totals& value) {
  FrameBuffer frame(Frame::totals);
  wire::put_varint(frame.bytes(), value.files);
  wire::put_varint(frame.bytes(), value.bytes);
  return frame;
}

Result<Totals> decode_totals(std::string_view payload) {
  Fields in(payload);
  Totals value;
  value.files = in.number();
  value.bytes = in.number();
  return in.finish(value, "TOTALS");
}

FrameBuffer encode(const WrittenNote& value) {
  FrameBuffer frame(Frame::written);
  wire::put_varint(frame.bytes(), value.bytes);
  return frame;
}

Result<WrittenNote> decode_written(std::string_view payload) {
  Fields in(payload);
  WrittenNote value{in.number()};
  return in.finish(value, "WRITTEN");
}

FrameBuffer encode(const Complete& value) {
  FrameBuffer frame(Frame::complete);
  wire::put_varint(frame.bytes(), value.unchanged);
  return frame;
}

Result<Complete> decode_complete(std::string_view payload) {
  Fields in(payload);
  Complete value;
  value.unchanged = in.number();
  return in.finish(value, "COMPLETE");
}

FrameBuffer encode(const Ask& value) {
  FrameBuffer frame(Frame::ask);
  auto& out = frame.bytes();
  wire::put_varint(out, value.id);
  wire::put_bytes(out, value.path);
  wire::put_varint(out, value.basis.size);
  wire::put_varint(out, value.basis.fixed);
  put_flag(out, value.in_place);
  put_flag(out, value.digest);
  wire::put_varint(out, value.request.block);
  wire::put_varint(out, value.request.spans.size());
  std::uint64_t at = 0;
  for (const auto& span : value.request.spans) {
    wire::put_varint(out, span.offset - at);
    wire::put_varint(out, span.length);
    at = span.offset + span.length;
  }
  return frame;
}

Result<Ask> decode_ask(std::string_view payload) {
  Fields in(payload);
  Ask value;
  value.id = in.number();
  value.path = in.path();
  value.basis.size = in.number();
  value.basis.fixed = in.number();
  value.in_place = in.flag();
  value.digest = in.flag();
  value.request.block = static_cast<std::uint32_t>(in.number(UINT32_MAX));
  std::uint64_t at = 0;
  for (auto left = in.number(); in.more(left);) {
    delta::Span span;
    span.offset = at + in.number();
    span.length = in.number();
    if (span.offset > kMost || span.offset + span.length > kMost) in.refuse();
    at = span.offset + span.length;
    value.request.spans.push_back(span);
  }
  if (value.path.empty() || value.basis.fixed > value.basis.size) in.refuse();
  return in.finish(std::move(value), "ASK");
}

FrameBuffer encode(const Listing& value, const EntryFields& fields) {
  FrameBuffer frame(Frame::listing);
  auto& out = frame.bytes();
  wire::put_bytes(out, value.path);
  put_flag(out, value.exists);
  put_flag(out, value.last);
  wire::put_varint(out, value.partials.size());
  for (const auto& partial : value.partials) {
    wire::put_bytes(out, partial.name);
    wire::put_varint(out, partial.size);
  }
  wire::put_varint(out, value.entries.size());
  for (const auto& entry : value.entries) put_entry(out, entry, fields);
  return frame;
}

Result<Listing> decode_listing(std::string_view payload, const EntryFields& fields) {
  Fields in(payload);
  Listing value;
  value.path = in.path();
  value.exists = in.flag();
  value.last = in.flag();
  for (auto left = in.number(); in.more(left);) {
    Listing::Partial partial;
    partial.name = in.text(16);
    partial.size = in.number();
    value.partials.push_back(std::move(partial));
  }
  for (auto left = in.number(); in.more(left);) {
    auto entry = get_entry(in.in(), fields);
    if (!entry) return std::unexpected(entry.error());
    value.entries.push_back(*std::move(entry));
  }
  return in.finish(std::move(value), "LISTING");
}

FrameBuffer encode(const SignatureNote& value) {
  FrameBuffer frame(Frame::signature);
  auto& out = frame.bytes();
  wire::put_varint(out, value.id);
  put_flag(out, value.known);
  put_flag(out, value.last);
  wire::put_bytes(out, value.bytes);
  return frame;
}

Result<SignatureNote> decode_signature(std::string_view payload) {
  Fields in(payload);
  SignatureNote value;
  value.id = in.number();
  value.known = in.flag();
  value.last = in.flag();
  value.bytes = in.text(kMaxFrame);
  return in.finish(std::move(value), "SIGNATURE");
}

FrameBuffer encode(const Outcome& value) {
  FrameBuffer frame(Frame::outcome);
  wire::put_varint(frame.bytes(), value.id);
  wire::put_varint(frame.bytes(), static_cast<std::uint64_t>(value.verdict));
  return frame;
}

Result<Outcome> decode_outcome(std::string_view payload) {
  Fields in(payload);
  Outcome value;
  value.id = in.number();
  value.verdict = static_cast<Verdict>(in.number(static_cast<std::uint64_t>(Verdict::kLast)));
  return in.finish(value, "OUTCOME");
}

FrameBuffer encode(const FailedNote& value) {
  FrameBuffer frame(Frame::failed);
  wire::put_bytes(frame.bytes(), value.path);
  wire::put_varint(frame.bytes(), static_cast<std::uint64_t>(value.error.code));
  wire::put_bytes(frame.bytes(), value.error.message);
  put_flag(frame.bytes(), value.skipped);
  wire::put_varint(frame.bytes(), static_cast<std::uint64_t>(value.kind));
  return frame;
}

Result<FailedNote> decode_failed(std::string_view payload) {
  Fields in(payload);
  FailedNote value;
  value.path = in.text(64 * 1024);  // of the peer's file system: for people only
  value.error.code = static_cast<Errc>(in.number(static_cast<std::uint64_t>(Errc::system)));
  value.error.message = in.text(64 * 1024);
  value.skipped = in.flag();
  value.kind = static_cast<FileKind>(in.number(static_cast<std::uint64_t>(FileKind::block_device)));
  return in.finish(std::move(value), "FAILED");
}

FrameBuffer encode(const ResultNote& value) {
  FrameBuffer frame(Frame::result);
  for (auto number : {value.files, value.directories, value.removed, value.moved, value.failed})
    wire::put_varint(frame.bytes(), number);
  return frame;
}

Result<ResultNote> decode_result(std::string_view payload) {
  Fields in(payload);
  ResultNote value;
  for (auto* number :
       {&value.files, &value.directories, &value.removed, &value.moved, &value.failed})
    *number = in.number();
  return in.finish(value, "RESULT");
}

}  // namespace nigh::sync
