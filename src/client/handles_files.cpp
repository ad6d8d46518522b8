// SPDX-License-Identifier: Apache-2.0
#include "client/handles_files.hpp"

#include "client/remote_files.hpp"

namespace nigh::async::detail {

awaitable<FileHandle> open(ConnectionHandle connection, std::string path, OpenMode mode) {
  auto file = std::make_shared<client::RemoteFile>(connection->get(), std::move(path), mode);
  auto handle = std::make_shared<OpenFile>(std::move(connection), file);
  co_await file->open();
  co_return handle;
}

awaitable<std::size_t> read_at(FileHandle file, std::uint64_t offset, std::span<char> into) {
  co_return co_await file->get()->read_at(offset, into);
}
awaitable<void> write_at(FileHandle file, std::uint64_t offset, std::string_view bytes) {
  co_await file->get()->write_at(offset, bytes);
}
awaitable<FileStatus> status(FileHandle file) { co_return co_await file->get()->status(); }
awaitable<void> truncate(FileHandle file, std::uint64_t size) {
  co_await file->get()->truncate(size);
}
awaitable<void> sync(FileHandle file) { co_await file->get()->sync(); }

awaitable<void> walk(ConnectionHandle connection, std::string path, WalkOptions options,
                     std::function<void(FileInfo)> on_entry, OnFileFailure on_failure) {
  co_await client::walk(*connection->get(), std::move(path), options, std::move(on_entry),
                        std::move(on_failure));
}
awaitable<std::vector<FileInfo>> list(ConnectionHandle connection, std::string path) {
  co_return co_await client::list(*connection->get(), std::move(path));
}
awaitable<FileInfo> stat(ConnectionHandle connection, std::string path) {
  co_return co_await client::stat(*connection->get(), std::move(path));
}
awaitable<std::vector<TreeSize>> disk_usage(ConnectionHandle connection, std::string path,
                                            bool per_folder, OnFileFailure on_failure) {
  co_return co_await client::disk_usage(*connection->get(), std::move(path), per_folder,
                                        std::move(on_failure));
}
awaitable<void> make_directory(ConnectionHandle connection, std::string path, bool parents,
                               std::optional<std::uint32_t> mode) {
  co_await client::make_directory(*connection->get(), std::move(path), parents, mode);
}
awaitable<void> remove(ConnectionHandle connection, std::string path, bool recursive) {
  co_await client::remove(*connection->get(), std::move(path), recursive);
}
awaitable<void> rename(ConnectionHandle connection, std::string from, std::string to,
                       bool overwrite) {
  co_await client::rename(*connection->get(), std::move(from), std::move(to), overwrite);
}

}  // namespace nigh::async::detail
