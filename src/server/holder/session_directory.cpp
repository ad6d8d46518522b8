// SPDX-License-Identifier: Apache-2.0
#include "server/holder/session_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "server/link/session_files.hpp"

namespace nigh::server {
namespace {

constexpr int kBacklog = 64;
constexpr char kNewSocket[] = "socket.new";

int bind_below(int socket, int directory, const char* name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "/proc/self/fd/{}/{}", directory,
                   name);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

}  // namespace

Result<UniqueFd> SessionDirectory::listen() const {
  UniqueFd directory(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // Under its name only when it listens: a socket that refuses is taken for a dead session's.
  if (!directory.valid() || !socket.valid() ||
      bind_below(socket.get(), directory.get(), kNewSocket) != 0 ||
      ::listen(socket.get(), kBacklog) != 0 ||
      ::renameat(directory.get(), kNewSocket, directory.get(), kHolderSocket) != 0)
    return fail_errno("cannot listen in " + path_, errno);
  return socket;
}

Result<void> SessionDirectory::add_token(std::uint64_t attachment, const HolderClient& client) {
  auto file = fmt::format("{}/{}/{}", path_, kResumeDirectory, client.token_file);
  auto written = write_session_file(file, with_attachment(client.token_text, attachment));
  if (written) tokens_[attachment] = file;
  return written;
}

void SessionDirectory::remove_token(std::uint64_t attachment) {
  auto file = tokens_.extract(attachment);
  if (file) ::unlink(file.mapped().c_str());
}

bool SessionDirectory::exists() const {
  return ::access((path_ + "/" + kHolderSocket).c_str(), F_OK) == 0;
}

void SessionDirectory::remove() const {
  // First what makes it a session, so that it is not listed when it is half gone.
  ::unlink((path_ + "/" + kFactsFile).c_str());
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace nigh::server
