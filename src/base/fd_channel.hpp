// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "base/channel.hpp"
#include "base/unique_fd.hpp"

namespace nigh {

// A ByteChannel over two descriptors: pipes, or the two duplicates of a socket. They become
// O_NONBLOCK, so that cancel() finds a reader and a writer in poll(2); the other ends stay as they
// are. One system call moves what fits. SIGPIPE must be ignored.
//
// An end of the input is one only while the other side still reads: who drops a stream closes first
// what it reads from, then what it writes to, and half a message is not taken for a whole one.
class FdChannel final : public ByteChannel {
 public:
  // Throws Errc::system when there is no descriptor left.
  FdChannel(UniqueFd in, UniqueFd out);

  std::size_t read(std::span<char> into) override;
  void write(std::string_view bytes) override;
  void finish() override;  // not while another thread writes
  void cancel() override;

 private:
  void wait(int fd, short events) const;
  void check() const;
  bool reader_is_gone() const;

  UniqueFd in_;
  UniqueFd out_;
  UniqueFd wake_;  // readable once cancelled
  std::atomic<bool> cancelled_ = false;
};

}  // namespace nigh
