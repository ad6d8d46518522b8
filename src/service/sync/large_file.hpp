// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/sync/content_digest.hpp"
#include "service/sync/receiving.hpp"

namespace nigh::sync {

// A large file that is being received: pieces in the order of their offsets, then the digest of the
// whole decides. Used by one thread at a time. What goes wrong with it is reported, and the rest of
// its pieces are ignored; what came so far stays, under its temporary name, for the next transfer.
class LargeFile {
 public:
  LargeFile(Receiving& receiving, std::shared_ptr<const files::Directory> directory,
            std::string path, LargeRecord record);

  void open();
  void data(std::uint64_t offset, std::string_view bytes);
  void copies(const std::vector<delta::Piece>& pieces);
  void end(const EndRecord& end);

 private:
  Result<void> open_new();
  Result<void> open_basis();
  Result<void> skip_to(std::uint64_t offset);
  Result<void> copy(const delta::Piece& piece);
  Result<void> hash_back(std::uint64_t offset, std::uint64_t length);
  Result<void> finish(const files::Hash128& digest);
  void give_up(const Error& error);

  Receiving& receiving_;
  std::shared_ptr<const files::Directory> directory_;
  std::string path_;  // as the sender knows it
  LargeRecord record_;
  std::string name_;  // here
  std::optional<files::NewFile> file_;
  UniqueFd old_;
  ContentDigest digest_;
  std::uint64_t initial_ = 0;  // bytes that were in it when it was opened
  std::uint64_t literal_ = 0;
  std::string buffer_;
  std::optional<Verdict> verdict_;  // it is decided already
};

}  // namespace nigh::sync
