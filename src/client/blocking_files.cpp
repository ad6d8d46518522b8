// SPDX-License-Identifier: Apache-2.0
// <nigh/nigh.hpp>: what its handles do with files.
#include <nigh/nigh.hpp>

#include "client/blocking_host.hpp"
#include "client/handles_files.hpp"

namespace nigh {

namespace detail = async::detail;

// ---- File --------------------------------------------------------------------------------------

struct File::State {
  State(std::shared_ptr<client::LoopThread> thread, detail::FileHandle handle)
      : loop(std::move(thread)), file(std::move(handle)) {}
  // The stream must go on its own thread.
  ~State() {
    loop->post_and_wait([this] {
      file->close();
      file.reset();
    });
  }

  std::shared_ptr<client::LoopThread> loop;
  detail::FileHandle file;
};

File::File(std::unique_ptr<State> state) : state_(std::move(state)) {}
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;
File::~File() = default;

std::size_t File::read_at(std::uint64_t offset, std::span<char> into) {
  return state_->loop->call(detail::read_at(state_->file, offset, into));
}
void File::write_at(std::uint64_t offset, std::string_view bytes) {
  state_->loop->call(detail::write_at(state_->file, offset, bytes));
}
FileStatus File::status() { return state_->loop->call(detail::status(state_->file)); }
void File::truncate(std::uint64_t size) {
  state_->loop->call(detail::truncate(state_->file, size));
}
void File::sync() { state_->loop->call(detail::sync(state_->file)); }

// ---- Host ---------------------------------------------------------------------------------------

std::vector<FileInfo> Host::list(const std::string& path) {
  return state_->loop->call(detail::list(state_->connection, path));
}
FileInfo Host::stat(const std::string& path) {
  return state_->loop->call(detail::stat(state_->connection, path));
}
void Host::walk(const std::string& path, const WalkOptions& options,
                std::function<void(FileInfo)> on_entry, OnFileFailure on_failure) {
  state_->loop->call(
      detail::walk(state_->connection, path, options, std::move(on_entry), std::move(on_failure)));
}
void Host::make_directory(const std::string& path, bool parents,
                          std::optional<std::uint32_t> mode) {
  state_->loop->call(detail::make_directory(state_->connection, path, parents, mode));
}
void Host::remove(const std::string& path, bool recursive) {
  state_->loop->call(detail::remove(state_->connection, path, recursive));
}
void Host::rename(const std::string& from, const std::string& to, bool overwrite) {
  state_->loop->call(detail::rename(state_->connection, from, to, overwrite));
}
std::vector<TreeSize> Host::disk_usage(const std::string& path, bool per_folder,
                                       OnFileFailure on_failure) {
  return state_->loop->call(
      detail::disk_usage(state_->connection, path, per_folder, std::move(on_failure)));
}
File Host::open(const std::string& path, OpenMode mode) {
  auto file = state_->loop->call(detail::open(state_->connection, path, mode));
  return File(std::make_unique<File::State>(state_->loop, std::move(file)));
}

}  // namespace nigh
