// SPDX-License-Identifier: Apache-2.0
#include "base/tcp_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace nigh {
namespace {

void set(int fd, int level, int option, int value) {
  (void)::setsockopt(fd, level, option, &value, sizeof value);
}

void set_congestion_control(int fd, std::string_view name) {
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                     static_cast<socklen_t>(name.size()));
}

// Asking for what is not listed would make the kernel load a module when we are root.
bool kernel_lists_bbr() {
  std::ifstream list("/proc/sys/net/ipv4/tcp_available_congestion_control");
  return std::find(std::istream_iterator<std::string>(list), {}, "bbr") !=
         std::istream_iterator<std::string>();
}

bool is_loopback(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return true;
  if (peer.ss_family == AF_INET)
    return (ntohl(reinterpret_cast<sockaddr_in&>(peer).sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
  if (peer.ss_family != AF_INET6) return true;
  const auto& address = reinterpret_cast<sockaddr_in6&>(peer).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address) ||
         (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == IN_LOOPBACKNET);
}

}  // namespace

void tune_guest(int fd) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
  // The kernel counts the time that a reader does not read, too.
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 0);
  static const bool has_bbr = kernel_lists_bbr();
  if (!has_bbr) return;
  // Over loopback there is no congestion, and bbr's pacing, which may be the system's default, only
  // costs throughput. Every kernel has reno, and everybody may use it.
  set_congestion_control(fd, is_loopback(fd) ? "reno" : "bbr");
}

void tune_tcp(int fd) {
  tune_guest(fd);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
}

}  // namespace nigh
