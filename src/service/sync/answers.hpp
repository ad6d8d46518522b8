// SPDX-License-Identifier: Apache-2.0
// The frames around the records: what a round is about, and what a receiver answers. Plain structs
// with strict codecs; names and paths are checked as those of records are.
#pragma once

#include <nigh/files.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "files/hash.hpp"
#include "files/tree_digest.hpp"
#include "service/sync/frames.hpp"
#include "service/sync/records.hpp"

namespace nigh::sync {

struct OwnerNames {  // of numbers that follow
  struct One {
    bool group = false;
    std::uint32_t id = 0;
    std::string name;
  };
  std::vector<One> names;
};

// Sources that lie in one folder of the sender's.
struct Round {
  std::optional<std::vector<std::string>> names;  // none: all that is in it
  bool single = false;                            // the only source: the target may name it anew
  bool folder = false;                            // single: it is a folder
};

// Of the sender's side. The root first; all folders follow at once if they are few.
struct Digests {
  files::Hash128 root;
  bool all = false;  // `folders` are all there are, with the frames before
  bool last = true;  // else more follow
  struct Folder {
    std::string path;
    std::uint64_t digest = 0;
  };
  std::vector<Folder> folders;
};

struct Totals {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// Bytes of BATCH and DATA payloads, as they were before they were packed, since the beginning.
struct WrittenNote {
  std::uint64_t bytes = 0;
};

struct Complete {
  std::uint64_t unchanged = 0;  // files that needed nothing
};

struct Ask {
  FileId id = 0;
  std::string path;
  delta::BasisShape basis;  // as the sender believes it to be
  bool in_place = false;
  bool digest = false;  // instead of a signature: the digest of the file as it is
  delta::SignatureRequest request;
};

struct Listing {
  std::string path;
  bool exists = true;  // false: the target has no such folder (the top only)
  bool last = true;    // else further entries of it follow
  std::vector<files::Entry> entries;
  struct Partial {
    std::string name;  // the last 16 digits of files::partial_name()
    std::uint64_t size = 0;
  };
  std::vector<Partial> partials;
};

struct SignatureNote {
  FileId id = 0;
  bool known = false;  // false: there is no such basis (any more)
  bool last = true;    // else `bytes` go on in the next
  std::string bytes;
};

enum class Verdict : std::uint8_t {
  done,
  again,   // it did not come out right: send it whole
  failed,  // for good; a Failed note said why
  kLast = failed,
};
struct Outcome {
  FileId id = 0;
  Verdict verdict = Verdict::done;
};

// One path that either end could not do, or that the sender leaves out.
struct FailedNote {
  std::string path;
  Error error{Errc::system, {}};
  bool skipped = false;  // not a failure; the message says why
  FileKind kind = FileKind::file;
};

struct ResultNote {
  std::uint64_t files = 0, directories = 0, removed = 0, moved = 0, failed = 0;
};

FrameBuffer encode(const OwnerNames& value);
FrameBuffer encode(const Round& value);
FrameBuffer encode(const Digests& value);
FrameBuffer encode(const Totals& value);
FrameBuffer encode(const WrittenNote& value);
FrameBuffer encode(const Complete& value);
FrameBuffer encode(const Ask& value);
FrameBuffer encode(const Listing& value, const EntryFields& fields);
FrameBuffer encode(const SignatureNote& value);
FrameBuffer encode(const Outcome& value);
FrameBuffer encode(const FailedNote& value);
FrameBuffer encode(const ResultNote& value);

// All: Errc::malformed.
Result<OwnerNames> decode_owners(std::string_view payload);
Result<Round> decode_round(std::string_view payload);
Result<Digests> decode_digests(std::string_view payload);
Result<Totals> decode_totals(std::string_view payload);
Result<WrittenNote> decode_written(std::string_view payload);
Result<Complete> decode_complete(std::string_view payload);
Result<Ask> decode_ask(std::string_view payload);
Result<Listing> decode_listing(std::string_view payload, const EntryFields& fields);
Result<SignatureNote> decode_signature(std::string_view payload);
Result<Outcome> decode_outcome(std::string_view payload);
Result<FailedNote> decode_failed(std::string_view payload);
Result<ResultNote> decode_result(std::string_view payload);

}  // namespace nigh::sync
