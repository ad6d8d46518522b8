// SPDX-License-Identifier: Apache-2.0
#include "server/worker/session_sockets.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "server/link/session_files.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

constexpr std::size_t kTokenBytes = 32;

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

Result<std::pair<UniqueFd, UniqueFd>> stream_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return fail_errno("cannot make a socket pair", errno);
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

std::vector<UniqueFd> just(UniqueFd fd) {
  std::vector<UniqueFd> one;
  one.push_back(std::move(fd));
  return one;
}

}  // namespace nigh::server
