// SPDX-License-Identifier: Apache-2.0
#include "client/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/text.hpp"
#include "client/files.hpp"

namespace nigh::client {
namespace {

void set(int fd, int level, int option, int value) {
  (void)setsockopt(fd, level, option, &value, sizeof value);
}

// Asking for what is not listed would make the kernel load a module when we are root.
bool kernel_lists_bbr() {
  auto text = read_file("/proc/sys/net/ipv4/tcp_available_congestion_control", 4096);
  if (!text || !*text) return false;
  auto names = split(**text, ' ');
  return std::ranges::any_of(names, [](auto name) { return name == "bbr" || name == "bbr\n"; });
}

}  // namespace

void tune(tcp::socket& socket) {
  int fd = socket.native_handle();
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
  boost::system::error_code failed;
  auto peer = socket.remote_endpoint(failed);
  // Over loopback there is no congestion, and bbr's pacing only costs throughput.
  if (failed || peer.address().is_loopback() || !kernel_lists_bbr()) return;
  constexpr char kBbr[] = "bbr";
  (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, kBbr, sizeof kBbr - 1);
}

}  // namespace nigh::client
