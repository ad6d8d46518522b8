// SPDX-License-Identifier: Apache-2.0
#include "service/sync/records.hpp"

#include "files/names.hpp"

namespace nigh::sync {
namespace {

constexpr std::size_t kSha256 = 32;

void put_flag(std::string& out, bool flag) { out += flag ? '\1' : '\0'; }

bool get_flag(wire::VarintReader& in, bool& flag) {
  auto value = in.varint();
  flag = value == 1;
  return in.ok() && value <= 1;
}

void put_hash(std::string& out, const files::Hash128& hash) {
  for (auto half : {hash.high, hash.low})
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(half >> shift);
}

files::Hash128 get_hash(wire::VarintReader& in) {
  files::Hash128 hash;
  hash.high = in.fixed64();
  hash.low = in.fixed64();
  return hash;
}

// Puts and gets the records' fields, one overload a record. All that get() does is checked by
// in.ok() at the end; false: a value that is out of range.
struct Put {
  std::string& out;
  const EntryFields& fields;

  void entry(const files::Entry& value) const { put_entry(out, value, fields); }
  void number(std::uint64_t value) const { wire::put_varint(out, value); }

  // The top has no name to be known by.
  void operator()(const FolderRecord& record) const {
    wire::put_bytes(out, record.path);
    auto named = record.entry;
    if (named.name.empty()) named.name = "top";
    entry(named);
    put_flag(out, record.is_new);
    put_flag(out, record.set_attributes);
  }
  void operator()(const FileRecord& record) const {
    number(record.folder);
    entry(record.entry);
    put_flag(out, record.update);
    put_hash(out, record.digest);
    out += record.data;  // as long as the entry says
  }
  void operator()(const SpecialRecord& record) const {
    number(record.folder);
    entry(record.entry);
    put_flag(out, record.update);
  }
  void operator()(const AttributesRecord& record) const {
    number(record.folder);
    entry(record.entry);
  }
  void operator()(const LinkRecord& record) const {
    number(record.folder);
    entry(record.entry);
    put_flag(out, record.update);
    wire::put_bytes(out, record.target);
  }
  void operator()(const LargeRecord& record) const {
    number(record.id);
    number(record.folder);
    entry(record.entry);
    put_flag(out, record.update);
    number(static_cast<std::uint64_t>(record.mode));
    number(record.basis.size);
    number(record.basis.fixed);
  }
  void operator()(const CopiesRecord& record) const {
    number(record.id);
    number(record.pieces.size());
    std::uint64_t at = 0, from = 0;  // differences are short
    for (const auto& piece : record.pieces) {
      number(piece.offset - at);
      number(piece.length);
      wire::put_signed(out, static_cast<std::int64_t>(*piece.from - from));
      at = piece.offset + piece.length;
      from = *piece.from + piece.length;
    }
  }
  void operator()(const LiteralRecord& record) const {
    number(record.id);
    number(record.offset);
    wire::put_bytes(out, record.data);
  }
  void operator()(const EndRecord& record) const {
    number(record.id);
    put_hash(out, record.digest);
    put_flag(out, record.changed);
  }
  void operator()(const CandidateRecord& record) const {
    number(record.id);
    number(record.folder);
    entry(record.entry);
    wire::put_bytes(out, record.from);
    put_flag(out, record.move);
  }
  void operator()(const TakeRecord& record) const {
    number(record.id);
    out += record.sha256;
  }
  void operator()(const RemoveRecord& record) const {
    number(record.folder);
    number(record.names.size());
    for (const auto& name : record.names) wire::put_bytes(out, name);
  }
};

struct Get {
  wire::VarintReader& in;
  const EntryFields& fields;

  bool number(std::uint64_t& value) const {
    value = in.varint();
    return in.ok();
  }
  bool entry(files::Entry& value) const {
    auto got = get_entry(in, fields);
    if (!got) return false;
    value = *std::move(got);
    return true;
  }
  bool path(std::string& value) const {
    value = in.bytes();
    return in.ok() && is_valid_path(value);
  }

  bool operator()(FolderRecord& record) const {
    return path(record.path) && entry(record.entry) &&
           record.entry.kind == files::Kind::directory && get_flag(in, record.is_new) &&
           get_flag(in, record.set_attributes);
  }
  bool operator()(FileRecord& record) const {
    if (!number(record.folder) || !entry(record.entry) || !get_flag(in, record.update))
      return false;
    record.digest = get_hash(in);
    if (record.entry.kind != files::Kind::file || record.entry.size > kMaxFrame) return false;
    record.data = in.raw(static_cast<std::size_t>(record.entry.size));
    return true;
  }
  bool operator()(SpecialRecord& record) const {
    return number(record.folder) && entry(record.entry) && record.entry.kind != files::Kind::file &&
           record.entry.kind != files::Kind::directory && get_flag(in, record.update);
  }
  bool operator()(AttributesRecord& record) const {
    return number(record.folder) && entry(record.entry);
  }
  bool operator()(LinkRecord& record) const {
    return number(record.folder) && entry(record.entry) && get_flag(in, record.update) &&
           path(record.target) && !record.target.empty();
  }
  bool operator()(LargeRecord& record) const {
    std::uint64_t mode = 0;
    if (!number(record.id) || !number(record.folder) || !entry(record.entry) ||
        !get_flag(in, record.update) || !number(mode) || !number(record.basis.size) ||
        !number(record.basis.fixed))
      return false;
    record.mode = static_cast<LargeMode>(mode);
    return mode <= static_cast<std::uint64_t>(LargeMode::kLast) &&
           record.entry.kind == files::Kind::file && record.basis.fixed <= record.basis.size;
  }
  bool operator()(CopiesRecord& record) const {
    std::uint64_t count = 0, at = 0, from = 0;
    if (!number(record.id) || !number(count)) return false;
    for (; count > 0 && in.ok(); --count) {
      delta::Piece piece;
      auto gap = in.varint();
      piece.length = in.varint();
      piece.offset = at + gap;
      from += static_cast<std::uint64_t>(in.signed_varint());
      piece.from = from;
      // No sum may wrap around, whatever the numbers are.
      if (piece.offset < at || piece.offset > INT64_MAX || piece.length > INT64_MAX ||
          from > INT64_MAX)
        return false;
      at = piece.offset + piece.length;
      from += piece.length;
      record.pieces.push_back(piece);
    }
    return count == 0;
  }
  bool operator()(LiteralRecord& record) const {
    if (!number(record.id) || !number(record.offset)) return false;
    record.data = in.bytes();
    return record.offset <= INT64_MAX;
  }
  bool operator()(EndRecord& record) const {
    if (!number(record.id)) return false;
    record.digest = get_hash(in);
    return get_flag(in, record.changed);
  }
  bool operator()(CandidateRecord& record) const {
    return number(record.id) && number(record.folder) && entry(record.entry) &&
           record.entry.kind == files::Kind::file && path(record.from) && !record.from.empty() &&
           get_flag(in, record.move);
  }
  bool operator()(TakeRecord& record) const {
    if (!number(record.id)) return false;
    record.sha256 = in.raw(kSha256);
    return true;
  }
  bool operator()(RemoveRecord& record) const {
    std::uint64_t count = 0;
    if (!number(record.folder) || !number(count)) return false;
    for (; count > 0 && in.ok(); --count) {
      record.names.emplace_back(in.bytes());
      if (!files::is_valid_name(record.names.back())) return false;
    }
    return count == 0;
  }
  static constexpr std::size_t kMaxFrame = 1 << 20;
};

template <std::size_t... I>
bool get_alternative(const Get& get, std::uint64_t index, Record& record,
                     std::index_sequence<I...>) {
  return ((index == I && get(record.emplace<I>())) || ...);
}

}  // namespace

void put_record(std::string& out, const Record& record, const EntryFields& fields) {
  wire::put_varint(out, record.index());
  std::visit(Put{out, fields}, record);
}

Result<Record> get_record(wire::VarintReader& in, const EntryFields& fields) {
  Record record;
  auto index = in.varint();
  if (!get_alternative(Get{in, fields}, index, record,
                       std::make_index_sequence<std::variant_size_v<Record>>()) ||
      !in.ok())
    return fail(Errc::malformed, "transfer: a record is cut short or has an impossible value");
  return record;
}

void put_data_head(std::string& out, const DataHead& head) {
  wire::put_varint(out, head.id);
  wire::put_varint(out, head.offset);
}

Result<DataHead> get_data_head(wire::VarintReader& in) {
  DataHead head;
  head.id = in.varint();
  head.offset = in.varint();
  if (!in.ok() || head.offset > INT64_MAX)
    return fail(Errc::malformed, "transfer: data without a place");
  return head;
}

}  // namespace nigh::sync
