// SPDX-License-Identifier: Apache-2.0
#include "server/role.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "base/error.hpp"
#include "server/front/front.hpp"
#include "server/keeper/role_process.hpp"
#include "server/worker/worker.hpp"

namespace nigh::server {
namespace {

bool stdin_is_a_link() {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_SEQPACKET;
}

}  // namespace

std::optional<int> run_role(int argc, char** argv) {
  std::string_view name(argc > 0 ? argv[0] : "");
  const bool front = name == kFrontRole;
  if (!front && name != kWorkerRole) return std::nullopt;
  if (argc != 2 || !stdin_is_a_link()) {
    std::fputs("nigh: this name is for processes that nigh serve starts\n", stderr);
    return 2;
  }
  try {
    return front ? front_main(argv[1]) : worker_main(argv[1]);
  } catch (const Failure& failure) {
    std::fprintf(stderr, "nigh: %s: %s\n", argv[0], failure.what());
    return 1;
  }
}

}  // namespace nigh::server
