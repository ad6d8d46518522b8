// SPDX-License-Identifier: Apache-2.0
// <nigh/async.hpp>: what its handles do with files. As in async.cpp, no member is a coroutine.
#include <nigh/async.hpp>

#include "client/handles_files.hpp"

namespace nigh::async {
namespace {

awaitable<File> open_file(detail::ConnectionHandle connection, std::string path, OpenMode mode) {
  co_return File(co_await detail::open(std::move(connection), std::move(path), mode));
}

}  // namespace

File::File() = default;
File::File(std::shared_ptr<detail::OpenFile> file) : file_(std::move(file)) {}
File::File(File&&) noexcept = default;
File& File::operator=(File&& other) noexcept {
  if (this == &other) return *this;
  if (file_) file_->close();
  file_ = std::move(other.file_);
  return *this;
}
File::~File() {
  if (file_) file_->close();  // also what is under way and holds the file
}

awaitable<std::size_t> File::read_at(std::uint64_t offset, std::span<char> into) {
  return detail::read_at(file_, offset, into);
}
awaitable<void> File::write_at(std::uint64_t offset, std::string_view bytes) {
  return detail::write_at(file_, offset, bytes);
}
awaitable<FileStatus> File::status() { return detail::status(file_); }
awaitable<void> File::truncate(std::uint64_t size) { return detail::truncate(file_, size); }
awaitable<void> File::sync() { return detail::sync(file_); }

awaitable<std::vector<FileInfo>> Host::list(std::string path) {
  return detail::list(connection_, std::move(path));
}
awaitable<FileInfo> Host::stat(std::string path) {
  return detail::stat(connection_, std::move(path));
}
awaitable<void> Host::walk(std::string path, WalkOptions options,
                           std::function<void(FileInfo)> on_entry, OnFileFailure on_failure) {
  return detail::walk(connection_, std::move(path), options, std::move(on_entry),
                      std::move(on_failure));
}
awaitable<void> Host::make_directory(std::string path, bool parents,
                                     std::optional<std::uint32_t> mode) {
  return detail::make_directory(connection_, std::move(path), parents, mode);
}
awaitable<void> Host::remove(std::string path, bool recursive) {
  return detail::remove(connection_, std::move(path), recursive);
}
awaitable<void> Host::rename(std::string from, std::string to, bool overwrite) {
  return detail::rename(connection_, std::move(from), std::move(to), overwrite);
}
awaitable<std::vector<TreeSize>> Host::disk_usage(std::string path, bool per_folder,
                                                  OnFileFailure on_failure) {
  return detail::disk_usage(connection_, std::move(path), per_folder, std::move(on_failure));
}
awaitable<File> Host::open(std::string path, OpenMode mode) {
  return open_file(connection_, std::move(path), mode);
}

}  // namespace nigh::async
