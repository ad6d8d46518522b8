// SPDX-License-Identifier: Apache-2.0
// What one can do with an open file.
#include <algorithm>

#include "client/remote_file.hpp"

namespace nigh::client {
namespace {

// Of what waits to be sent: as much as keeps the connection busy.
constexpr std::size_t kMaxQueued = 4 * kMaxFileData;

}  // namespace

// Forgets the callers' memory when they go, whatever is still to come.
class RemoteFile::Group {
 public:
  Group() = default;
  ~Group() {
    for (auto& operation : running_) operation->into = {};
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  void add(Running operation) { running_.push_back(std::move(operation)); }
  const std::vector<Running>& all() const { return running_; }

 private:
  std::vector<Running> running_;
};

RemoteFile::Running RemoteFile::begin(FileFrame expected, std::string frame, std::size_t limit) {
  if (failure_) throw Failure(*failure_);
  auto operation = std::make_shared<Operation>(connection_->executor(), expected);
  operation->limit = limit;
  running_.push_back(operation);
  body_.push(std::move(frame));
  return operation;
}

awaitable<void> RemoteFile::finish(Running operation) {
  while (!operation->over && !failure_) co_await operation->changed.wait();
  if (!operation->over) throw Failure(*failure_);
  if (operation->error) throw Failure(*operation->error);
}

awaitable<std::size_t> RemoteFile::read_at(std::uint64_t offset, std::span<char> into) {
  Group group;
  for (std::size_t begun = 0; begun < into.size();) {
    auto size = std::min(into.size() - begun, kMaxFileData);
    auto frame = read_frame(offset + begun, static_cast<std::uint32_t>(size));
    auto operation = begin(FileFrame::data, std::move(frame), size);
    operation->into = into.subspan(begun, size);
    group.add(std::move(operation));
    begun += size;
  }
  std::size_t total = 0;
  for (const auto& operation : group.all()) {
    co_await finish(operation);
    total += operation->got;
    if (operation->got < operation->limit) break;  // the file ends there
  }
  co_return total;
}

awaitable<void> RemoteFile::write_at(std::uint64_t offset, std::string_view bytes) {
  Group group;
  while (!bytes.empty()) {
    while (body_.size() > kMaxQueued && !failure_) co_await changed_.wait();
    auto piece = bytes.substr(0, kMaxFileData);
    group.add(begin(FileFrame::ok, write_frame(offset, piece), piece.size()));
    bytes.remove_prefix(piece.size());
    offset += piece.size();
  }
  for (const auto& operation : group.all()) co_await finish(operation);
}

awaitable<FileStatus> RemoteFile::status() {
  auto operation = begin(FileFrame::status, plain_frame(FileFrame::stat));
  co_await finish(operation);
  co_return operation->status;
}

awaitable<void> RemoteFile::truncate(std::uint64_t size) {
  co_await finish(begin(FileFrame::ok, truncate_frame(size)));
}

awaitable<void> RemoteFile::sync() {
  co_await finish(begin(FileFrame::ok, plain_frame(FileFrame::sync)));
}

}  // namespace nigh::client
