// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <list>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "server/worker/refusal.hpp"

namespace nigh::server {

// Opens the listening sockets of fronts, which accept from them. What may be listened on has been
// decided before. Of Unix sockets it remembers the files, and removes them.
class Listeners {
 public:
  // A front, as far as it is known here: only compared.
  using Owner = const void*;

  Listeners() = default;
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;
  ~Listeners();

  // Where folders for the sockets of agents are made, each private and of a random name. What is
  // left of a worker that was killed is removed.
  void keep_agents_in(std::string directory);

  // O_NONBLOCK sockets that listen: one, and of localhost two where the machine has both families,
  // at one port. The file of a Unix socket has mode 0600; one that nobody
  // listens on any more makes way, anything else does not. For an agent the client may have
  // had that folder before, over another connection: who knows its name takes it over.
  using Sockets = std::expected<std::vector<UniqueFd>, Refusal>;
  Sockets listen(Owner owner, const Listen& what);
  void close(Owner owner, RequestId request);
  void close_all(Owner owner);

 private:
  struct File {
    Owner owner;
    RequestId request;
    std::string path;
    std::string folder;  // that goes with it; empty: none does
    dev_t device;
    ino_t inode;
  };
  std::expected<UniqueFd, Refusal> listen_unix(Owner owner, const Listen& what);
  std::expected<UniqueFd, Refusal> listen_agent(Owner owner, const Listen& what);
  static void remove(const File& file);

  std::string agents_;
  std::list<File> files_;
};

}  // namespace nigh::server
