// SPDX-License-Identifier: Apache-2.0
// What batches carry, from the sender to the receiver: one record after the other, varints and
// bytes (docs/protocol/sync.md). Decoding is strict: whatever a name, mode, time or link could not
// be on Linux ends the transfer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "delta/delta.hpp"
#include "files/entry.hpp"
#include "files/hash.hpp"
#include "wire/varint.hpp"

namespace nigh::sync {

using FolderId = std::uint64_t;  // counts the folder records of a round, from 0
using FileId = std::uint64_t;    // the sender's choice, once a transfer

// A folder that is entered, and made if it is not there. `path` is relative to the target.
struct FolderRecord {
  std::string path;
  files::Entry entry;  // its attributes; the name is that of the path's last part
  bool is_new = false;
  bool set_attributes = true;  // false: only something in it changes
};

// A small file, whole.
struct FileRecord {
  FolderId folder = 0;
  files::Entry entry;
  bool update = false;  // something of this name is there
  files::Hash128 digest;
  std::string_view data;  // in the batch
};

// A symlink, FIFO, socket or device.
struct SpecialRecord {
  FolderId folder = 0;
  files::Entry entry;
  bool update = false;
};

// What is there has the right content but not the right attributes.
struct AttributesRecord {
  FolderId folder = 0;
  files::Entry entry;
};

// One more name of a file of this transfer.
struct LinkRecord {
  FolderId folder = 0;
  files::Entry entry;
  bool update = false;
  std::string target;  // path relative to the target
};

enum class LargeMode : std::uint8_t { whole, patch, in_place, kLast = in_place };

// A large file begins: data frames and copies follow in the order of their offsets, then an end.
struct LargeRecord {
  FileId id = 0;
  FolderId folder = 0;
  files::Entry entry;
  bool update = false;
  LargeMode mode = LargeMode::whole;
  delta::BasisShape basis;  // patch, in_place: what the copies refer to
};

struct CopiesRecord {
  FileId id = 0;
  std::vector<delta::Piece> pieces;  // each with `from`
};

// A short piece of a large file.
struct LiteralRecord {
  FileId id = 0;
  std::uint64_t offset = 0;
  std::string_view data;  // in the batch
};

struct EndRecord {
  FileId id = 0;
  files::Hash128 digest;
  bool changed = false;  // it changed while it was read: throw it away
};

// The receiver has a file that may be the same: it begins to hash it …
struct CandidateRecord {
  FileId id = 0;
  FolderId folder = 0;
  files::Entry entry;
  std::string from;  // path relative to the target
  bool move = false;
};
// … and takes it if the hash is this.
struct TakeRecord {
  FileId id = 0;
  std::string sha256;
};

struct RemoveRecord {
  FolderId folder = 0;
  std::vector<std::string> names;
};

using Record =
    std::variant<FolderRecord, FileRecord, SpecialRecord, AttributesRecord, LinkRecord, LargeRecord,
                 CopiesRecord, LiteralRecord, EndRecord, CandidateRecord, TakeRecord, RemoveRecord>;

// Which optional fields of an entry go over the wire.
struct EntryFields {
  bool owner = false;
  bool xattrs = false;
  bool links = false;  // whether the file has further names
};

void put_entry(std::string& out, const files::Entry& entry, const EntryFields& fields);
// Errc::malformed.
Result<files::Entry> get_entry(wire::VarintReader& in, const EntryFields& fields);

void put_record(std::string& out, const Record& record, const EntryFields& fields);
Result<Record> get_record(wire::VarintReader& in, const EntryFields& fields);

// A path relative to the target: valid names joined by single slashes; "" is the target itself.
bool is_valid_path(std::string_view path);

// The header of a data frame; the bytes follow.
struct DataHead {
  FileId id = 0;
  std::uint64_t offset = 0;
};
void put_data_head(std::string& out, const DataHead& head);
Result<DataHead> get_data_head(wire::VarintReader& in);

}  // namespace nigh::sync
