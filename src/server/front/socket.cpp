// SPDX-License-Identifier: Apache-2.0
#include "server/front/socket.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "base/error.hpp"

namespace nigh::server {

tcp::socket adopt_socket(const asio::any_io_executor& executor, UniqueFd fd) {
  int family = 0;
  socklen_t size = sizeof family;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_DOMAIN, &family, &size) != 0)
    throw Failure(errno_error("not a socket", errno));
  return {executor, family == AF_INET6 ? tcp::v6() : tcp::v4(), fd.release()};
}

}  // namespace nigh::server
