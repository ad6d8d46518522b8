// SPDX-License-Identifier: Apache-2.0
#include "files/descent.hpp"

#include <cerrno>

#include "base/text.hpp"
#include "files/beneath.hpp"
#include "files/failure.hpp"
#include "files/status.hpp"

namespace nigh::files {

Result<void> Descent::enter(std::string_view name) {
  auto child = here().child(name);
  if (!child) return std::unexpected(child.error());
  if (open_.size() == kKeptOpen)
    if (auto closed = close_oldest(); !closed) return closed;
  open_.push_back(*std::move(child));
  return {};
}

Result<void> Descent::leave() {
  if (open_.size() == 1 && !closed_.empty())
    if (auto opened = reopen_last(); !opened) return opened;
  open_.pop_back();
  return {};
}

Result<void> Descent::close_oldest() {
  Entry status;
  const auto& oldest = open_.front();
  if (int failed = read_status_of(oldest.fd(), status); failed != 0)
    return fail_file("cannot read", oldest.path(), failed);
  closed_.push_back({status.device, status.inode, oldest.path()});
  open_.pop_front();
  return {};
}

Result<void> Descent::reopen_last() {
  auto last = std::move(closed_.back());
  closed_.pop_back();
  auto fd = open_directory(open_.back().fd(), "..", 0);
  Entry status;
  int failed = fd.valid() ? read_status_of(fd.get(), status) : errno;
  if (failed != 0) return fail_file("cannot go back to", last.path, failed);
  if (status.device != last.device || status.inode != last.inode)
    return fail(Errc::system, printable(last.path) + " was moved while it was read; try again");
  open_.push_front(Directory::adopt(std::move(fd), std::move(last.path)));
  return {};
}

}  // namespace nigh::files
