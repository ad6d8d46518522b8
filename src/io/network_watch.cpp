// SPDX-License-Identifier: Apache-2.0
#include "io/network_watch.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace nigh::io {
namespace {

using std::chrono::nanoseconds;

nanoseconds read_clock_of(clockid_t which) {
  timespec now{};
  ::clock_gettime(which, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

// The one goes on while the machine sleeps, the other stands still.
nanoseconds time_asleep() { return read_clock_of(CLOCK_BOOTTIME) - read_clock_of(CLOCK_MONOTONIC); }

UniqueFd open_netlink() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (!fd.valid() || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return {};
  return fd;
}

// Becomes readable when somebody sets the clock; the end of a sleep counts as that.
bool arm_clock(int fd) {
  itimerspec far{};
  ::clock_gettime(CLOCK_REALTIME, &far.it_value);
  far.it_value.tv_sec += 10L * 365 * 24 * 3600;
  return ::timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, nullptr) == 0;
}

}  // namespace

bool tells_of_addresses(std::string_view datagram) {
  while (!datagram.empty()) {
    nlmsghdr header{};
    if (datagram.size() < sizeof header) return true;
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) return true;
    if (header.nlmsg_type == RTM_NEWADDR || header.nlmsg_type == RTM_DELADDR) return true;
    datagram.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
  }
  return false;
}

NetworkWatch::NetworkWatch(const asio::any_io_executor& executor, Callback callback)
    : callback_(std::move(callback)), asleep_(time_asleep()) {
  watch_addresses(executor);
  watch_clock(executor);
}

NetworkWatch::~NetworkWatch() = default;

void NetworkWatch::watch_addresses(const asio::any_io_executor& executor) {
  auto fd = open_netlink();
  if (!fd.valid()) return;
  addresses_ = std::make_unique<Readiness>(executor, std::move(fd), Readiness::For::reading,
                                           [this] { read_addresses(); });
  addresses_->arm();
}

void NetworkWatch::watch_clock(const asio::any_io_executor& executor) {
  UniqueFd fd(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!fd.valid() || !arm_clock(fd.get())) return;
  clock_ = std::make_unique<Readiness>(executor, std::move(fd), Readiness::For::reading,
                                       [this] { read_clock(); });
  clock_->arm();
}

void NetworkWatch::read_addresses() {
  std::array<char, 16 * 1024> buffer;
  bool changed = false;
  for (;;) {
    auto size = ::recv(addresses_->fd(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ENOBUFS) {  // there was more than the kernel could keep for us
      changed = true;
      continue;
    }
    if (size <= 0) break;
    changed = tells_of_addresses({buffer.data(), static_cast<std::size_t>(size)}) || changed;
  }
  addresses_->arm();
  if (changed) callback_(Event::addresses_changed);
}

void NetworkWatch::read_clock() {
  std::uint64_t expirations = 0;
  (void)!::read(clock_->fd(), &expirations, sizeof expirations);  // ECANCELED: that is the news
  if (arm_clock(clock_->fd())) clock_->arm();
  auto before = std::exchange(asleep_, time_asleep());
  // Less is what reading the two clocks takes; somebody only set the time of day.
  constexpr auto kNap = std::chrono::seconds(1);
  if (asleep_ - before > kNap) callback_(Event::woke_up);
}

}  // namespace nigh::io
