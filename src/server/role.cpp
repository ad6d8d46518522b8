// SPDX-License-Identifier: Apache-2.0
#include "server/role.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "base/error.hpp"
#include "server/channels/channels_role.hpp"
#include "server/files/files_role.hpp"
#include "server/front/front.hpp"
#include "server/holder/holder.hpp"
#include "server/keeper/role_process.hpp"
#include "server/link/channels_messages.hpp"
#include "server/publish/publish_role.hpp"
#include "server/worker/worker.hpp"

namespace nigh::server {
namespace {

bool stdin_is_a_link() {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_SEQPACKET;
}

bool stdin_is_a_pipe() {
  struct stat status{};
  return ::fstat(STDIN_FILENO, &status) == 0 && S_ISFIFO(status.st_mode);
}

struct Role {
  std::string_view name;
  bool (*stdin_fits)();
  int (*run)(const char* log_level);
};

constexpr Role kRoles[] = {
    {kFrontRole, stdin_is_a_link, front_main},     {kWorkerRole, stdin_is_a_link, worker_main},
    {kPublishRole, stdin_is_a_link, publish_main}, {kFilesRole, stdin_is_a_pipe, files_main},
    {kHolderRole, stdin_is_a_link, holder_main},   {kChannelsRole, stdin_is_a_link, channels_main},
};

}  // namespace

std::optional<int> run_role(int argc, char** argv) {
  std::string_view name(argc > 0 ? argv[0] : "");
  const auto* role = std::ranges::find(kRoles, name, &Role::name);
  if (role == std::end(kRoles)) return std::nullopt;
  if (argc != 2 || !role->stdin_fits()) {
    std::fputs("nigh: this name is for processes that nigh serve starts\n", stderr);
    return 2;
  }
  try {
    return role->run(argv[1]);
  } catch (const Failure& failure) {
    std::fprintf(stderr, "nigh: %s: %s\n", argv[0], failure.what());
    return 1;
  }
}

}  // namespace nigh::server
