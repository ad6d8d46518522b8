// SPDX-License-Identifier: Apache-2.0
#include "server/files/files_role.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <exception>

#include "base/error.hpp"
#include "base/fd_channel.hpp"
#include "base/log.hpp"
#include "server/files/stop_signals.hpp"
#include "server/link/role_start.hpp"
#include "service/resource/resource.hpp"
#include "service/sync/sync.hpp"

namespace nigh::server {
namespace {

bool is_tree_transfer(const resource::RequestHead& head) {
  auto path = std::string_view(head.path);
  return head.method == "CONNECT" && head.protocol == "nigh-sync" &&
         path.substr(0, path.find('?')) == "/v1/sync";
}

void serve_request(ByteChannel& channel, const resource::RequestHead& head,
                   const std::string& home) {
  if (!is_tree_transfer(head)) return resource::serve(channel, head, home);
  channel.write(resource::encode(resource::ResponseHead{200, {}}));
  sync::serve(channel, home);
}

// A client that leaves is its own affair, and what it may have to be told it was told.
void log_failure(const std::string& what, const Failure& failure) {
  if (failure.code() == Errc::closed || failure.code() == Errc::cancelled)
    log::debug("{}: {}", what, failure.what());
  else
    log::warning("{}: {}", what, failure.what());
}

// A duplicate above the standard streams, which become /dev/null: nothing that is printed by
// mistake gets into what the front reads.
UniqueFd take(int standard, const UniqueFd& null) {
  UniqueFd taken(::fcntl(standard, F_DUPFD_CLOEXEC, 3));
  if (!taken.valid() || ::dup2(null.get(), standard) < 0)
    throw Failure(errno_error("cannot take over a standard stream", errno));
  return taken;
}

}  // namespace

bool serve_files(ByteChannel& channel, const std::string& home) {
  std::string what = "request";
  try {
    auto head = resource::read_request(channel);
    what = head.method + " " + head.path;
    log::debug("{}", what);
    serve_request(channel, head, home);
    return true;
  } catch (const Failure& failure) {
    log_failure(what, failure);
  } catch (const std::exception& failure) {
    log::error("{}: {}", what, failure.what());
  }
  return false;
}

int files_main(const char* log_level) {
  log::start("files", log::level_named(log_level));
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home != '/') throw Failure(Errc::usage, "HOME is not set");
  raise_descriptor_limit();
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file beyond the limit is an error like a full disk
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  auto in = take(STDIN_FILENO, null);
  FdChannel channel(std::move(in), take(STDOUT_FILENO, null));
  StopSignals stop(channel);
  return serve_files(channel, home) ? 0 : 1;
}

}  // namespace nigh::server
