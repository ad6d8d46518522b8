// SPDX-License-Identifier: Apache-2.0
// What the public handles do with files. Used on the connection's executor only.
#pragma once

#include <nigh/files.hpp>

#include "client/handles.hpp"
#include "client/remote_file.hpp"

namespace nigh::async::detail {

// Closes the file when the last handle on it goes, and keeps its connection.
class OpenFile {
 public:
  OpenFile(ConnectionHandle connection, std::shared_ptr<client::RemoteFile> file)
      : connection_(std::move(connection)), file_(std::move(file)) {}
  ~OpenFile() { close(); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  void close() { file_->close(); }
  const std::shared_ptr<client::RemoteFile>& get() const { return file_; }

 private:
  ConnectionHandle connection_;
  std::shared_ptr<client::RemoteFile> file_;
};
using FileHandle = std::shared_ptr<OpenFile>;

awaitable<FileHandle> open(ConnectionHandle connection, std::string path, OpenMode mode);
awaitable<std::size_t> read_at(FileHandle file, std::uint64_t offset, std::span<char> into);
awaitable<void> write_at(FileHandle file, std::uint64_t offset, std::string_view bytes);
awaitable<FileStatus> status(FileHandle file);
awaitable<void> truncate(FileHandle file, std::uint64_t size);
awaitable<void> sync(FileHandle file);

awaitable<void> walk(ConnectionHandle connection, std::string path, WalkOptions options,
                     std::function<void(FileInfo)> on_entry, OnFileFailure on_failure);
awaitable<std::vector<FileInfo>> list(ConnectionHandle connection, std::string path);
awaitable<FileInfo> stat(ConnectionHandle connection, std::string path);
awaitable<std::vector<TreeSize>> disk_usage(ConnectionHandle connection, std::string path,
                                            bool per_folder, OnFileFailure on_failure);
awaitable<void> make_directory(ConnectionHandle connection, std::string path, bool parents,
                               std::optional<std::uint32_t> mode);
awaitable<void> remove(ConnectionHandle connection, std::string path, bool recursive);
awaitable<void> rename(ConnectionHandle connection, std::string from, std::string to,
                       bool overwrite);

}  // namespace nigh::async::detail
