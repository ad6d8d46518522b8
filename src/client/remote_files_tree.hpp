// SPDX-License-Identifier: Apache-2.0
// What a host says about files: the lines of JSON of /v1/tree/. Hostile until parsed: a name is
// what a name can be, so that who joins it to a folder stays in that folder, and sizes are bounded.
#pragma once

#include <nigh/files.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace nigh::client {

// Cuts a stream into lines, which may come in pieces.
class LineReader {
 public:
  static constexpr std::size_t kMaxLine = 64 * 1024;

  // Then next() gives its lines; `bytes` must stay alive until that says nullopt.
  void feed(std::string_view bytes) { rest_ = bytes; }
  // Without the line feed, good until the next call. Errc::too_large.
  Result<std::optional<std::string_view>> next();
  // The stream has ended. Errc::closed: in the middle of a line.
  Result<void> finish() const;

 private:
  std::string_view rest_;
  std::string begun_;      // of a line whose end has not come
  bool complete_ = false;  // next() gave out begun_
};

// How entries are named.
enum class Names {
  self,      // the one that was asked for
  children,  // "name": one component
  tree,      // "path": relative, and stays below the folder
  matches,   // "path": of a pattern, as the host has it
};

// An empty path for Names::self. What a line says of an entry that could not be read is a
// FileFailure. Errc::malformed.
Result<std::variant<FileInfo, FileFailure>> parse_entry(std::string_view line, Names names);
Result<std::variant<TreeSize, FileFailure>> parse_tree_size(std::string_view line);

}  // namespace nigh::client
