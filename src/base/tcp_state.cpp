// SPDX-License-Identifier: Apache-2.0
#include "base/tcp_state.hpp"

#include <linux/sockios.h>
#include <linux/tcp.h>  // not the C library's, whose tcp_info is an older one
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

namespace nigh {

TcpState tcp_state(int fd) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  using std::chrono::milliseconds;
  // The kernel's least retransmission timeout, which allows for confirmations that are delayed.
  constexpr microseconds kLeastVariation{200'000};

  tcp_info info{};
  socklen_t size = sizeof info;
  int queued = 0;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  if (::ioctl(fd, SIOCOUTQ, &queued) != 0) return {};
  TcpState state;
  state.unconfirmed = queued > 0;
  state.since_ack = milliseconds(info.tcpi_last_ack_recv);
  const microseconds round_trip(info.tcpi_rtt), variation(4 * std::uint64_t{info.tcpi_rttvar});
  state.round_trip = duration_cast<milliseconds>(round_trip);
  state.exact_round_trip = round_trip;
  state.answer_time =
      duration_cast<milliseconds>(round_trip + std::max(variation, kLeastVariation));
  state.confirmed = info.tcpi_bytes_acked;
  return state;
}

}  // namespace nigh
