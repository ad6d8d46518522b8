// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "base/unique_fd.hpp"
#include "delta/delta.hpp"
#include "files/directory.hpp"
#include "service/sync/content_digest.hpp"
#include "service/sync/plan.hpp"

namespace nigh::sync {

// Sends files that are too large for a batch: new ones at once, changed ones after the receiver was
// asked what it has of them. Keeps each until the receiver says how it came out.
class LargeSender {
 public:
  LargeSender(Sending& sending, const files::Directory& top) : sending_(sending), top_(top) {}

  void send(FolderId folder, const files::Directory& directory, const std::string& folder_path,
            Change change);
  void on_signature(const SignatureNote& note);
  void on_outcome(const Outcome& outcome);
  bool knows(FileId id) const { return asked_.contains(id) || unsettled_.contains(id); }

  // So many questions are open that answers should be heard first.
  bool busy() const { return asked_.size() >= kMostAsked; }
  bool settled() const { return asked_.empty() && unsettled_.empty(); }
  FileId next_id() { return next_id_++; }

 private:
  static constexpr std::size_t kMostAsked = 16;
  struct Large {
    FileId id = 0;
    FolderId folder = 0;
    std::string folder_path;
    Change change;
    UniqueFd fd;
    std::optional<delta::Matcher> matcher{};
    delta::BasisShape basis{};
    std::string signature{};  // as far as it has come
    bool asked_digest = false;
    int attempts = 0;
    std::string path() const { return join(folder_path, change.entry.name); }
  };

  std::optional<UniqueFd> open(const files::Directory& directory, Change& change,
                               const std::string& path);
  void begin(Large large);
  bool may_patch(const Large& large) const;
  void ask(Large large, bool digest);
  void on_digest(Large large, bool known);
  void send_pieces(Large large);
  void send_piece(Large& large, const delta::Piece& piece, ContentDigest& digest);
  void send_literal(Large& large, std::uint64_t offset, std::string_view bytes);
  void finish(Large large, ContentDigest& digest, std::uint64_t literal);
  void again(Large large);
  Result<std::size_t> read(const Large& large, std::uint64_t offset, std::span<char> into) const;

  Sending& sending_;
  const files::Directory& top_;
  std::unordered_map<FileId, Large> asked_;
  std::unordered_map<FileId, Large> unsettled_;
  FileId next_id_ = 0;
  FrameBuffer data_{Frame::data};
  std::string buffer_;
};

}  // namespace nigh::sync
