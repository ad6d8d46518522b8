// SPDX-License-Identifier: Apache-2.0
#include "server/worker/session_sockets.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>

#include "io/process.hpp"
#include "server/link/session_files.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kPipeCapacity = 1024 * 1024;

}  // namespace

HolderClient holder_client(const Grant& grant) {
  HolderClient client;
  client.address = grant.source;
  client.key = grant.fingerprint;
  client.token = Secret("nigh_r_" + wire::base64url(ssh::random_bytes(kTokenBytes)));
  client.token_file = wire::hex(ssh::sha256(client.token.expose()));
  client.token_text = resume_text({grant.key, grant.token_id});
  if (grant.only) client.only_attachment = grant.only->attachment;
  return client;
}

Result<ClientLink> make_client_link(OutputWay way) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return fail_errno("cannot make a socket pair", errno);
  // What is on its way to a front that is busy with others; the system may allow less.
  constexpr int kOnTheWay = 1 << 20;
  for (int end : ends) (void)::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kOnTheWay, sizeof kOnTheWay);
  ClientLink link;
  link.fronts.emplace_back(ends[0]);
  link.holders.emplace_back(ends[1]);
  UniqueFd farewell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!farewell.valid()) return fail_errno("cannot make an eventfd", errno);
  UniqueFd same(::fcntl(farewell.get(), F_DUPFD_CLOEXEC, 3));
  if (!same.valid()) return fail_errno("cannot duplicate an eventfd", errno);
  link.fronts.push_back(std::move(farewell));
  link.holders.push_back(std::move(same));
  if (way == OutputWay::socket) {
    for (auto* side : {&link.fronts, &link.holders})
      side->emplace_back(::fcntl(side->front().get(), F_DUPFD_CLOEXEC, 3));
    return link;
  }
  auto pipe = io::make_pipe(io::OurEnd::writer, kPipeCapacity);
  if (!pipe) return std::unexpected(pipe.error());
  ::fcntl(pipe->reader.get(), F_SETFL, O_NONBLOCK);
  link.fronts.push_back(std::move(pipe->reader));
  link.holders.push_back(std::move(pipe->writer));
  return link;
}

}  // namespace nigh::server
