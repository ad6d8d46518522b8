// SPDX-License-Identifier: Apache-2.0
#include "server/channels/splice_pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "base/error.hpp"

namespace nigh::server {
namespace {

constexpr int kCapacity = 1 << 20;  // it has room for pages, and some are hardly filled

}  // namespace

SplicePipe::SplicePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
  reads_ = UniqueFd(ends[0]);
  writes_ = UniqueFd(ends[1]);
  (void)::fcntl(writes_.get(), F_SETPIPE_SZ, kCapacity);
}

std::size_t SplicePipe::fill(int from, std::size_t most) {
  if (!writes_.valid()) return 0;
  auto moved = ::splice(from, nullptr, writes_.get(), nullptr, most, SPLICE_F_NONBLOCK);
  return moved > 0 ? static_cast<std::size_t>(moved) : 0;
}

void SplicePipe::drain(std::size_t count, io::FdSink& to, std::span<char> buffer) {
  while (count > 0 && to.open() && to.queued() == 0) {
    auto moved = ::splice(reads_.get(), nullptr, to.fd(), nullptr, count, SPLICE_F_NONBLOCK);
    if (moved <= 0) break;
    count -= static_cast<std::size_t>(moved);
  }
  while (count > 0) {
    auto got = ::read(reads_.get(), buffer.data(), std::min(count, buffer.size()));
    if (got < 0 && errno == EINTR) continue;
    expect(got > 0, "what was put into a pipe is not in it");
    to.write(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    count -= static_cast<std::size_t>(got);
  }
}

}  // namespace nigh::server
