// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "files/attributes.hpp"
#include "files/directory.hpp"
#include "files/new_file.hpp"
#include "files/partial.hpp"

namespace nigh::resource {

// A file that is uploaded in pieces, by several requests: it stays, under a name that follows from
// its final one, until the last piece. What is in it is the beginning of the upload, without holes.
// That is not so for NewFile::open_partial(), into which a tree transfer writes in any order; so
// neither may continue the other's, and their names differ.
class UnfinishedFile {
 public:
  // Locked while open. Errc::unavailable: another process writes it now.
  static Result<UnfinishedFile> open(const files::Directory& directory, const std::string& name);

  int fd() const { return file_.fd.get(); }
  // Bytes that were there when it was opened.
  std::uint64_t initial_size() const { return file_.size; }
  const std::string& path() const { return path_; }  // the final one, for messages

  // As NewFile's; `directory` must be the one it was opened in.
  Result<void> commit(const files::Directory& directory, const files::Entry& entry,
                      const files::Preserve& preserve, files::Durability durability);
  void discard(const files::Directory& directory);

 private:
  UnfinishedFile(files::LockedFile file, std::string temporary, std::string path)
      : file_(std::move(file)), temporary_(std::move(temporary)), path_(std::move(path)) {}
  files::LockedFile file_;
  std::string temporary_;
  std::string path_;
};

}  // namespace nigh::resource
