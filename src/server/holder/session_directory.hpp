// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "server/link/holder_messages.hpp"

namespace nigh::server {

// The holder's side of its directory (link/session_files.hpp), which the worker has made.
class SessionDirectory {
 public:
  explicit SessionDirectory(std::string path) : path_(std::move(path)) {}

  // A non-blocking SOCK_SEQPACKET; who finds it can connect at once. Of a path of any length.
  Result<UniqueFd> listen() const;

  // A token is good from now on, and no longer.
  Result<void> add_token(std::uint64_t attachment, const HolderClient& client);
  void remove_token(std::uint64_t attachment);

  // False once somebody has deleted it: nobody can find the session any more.
  bool exists() const;
  void remove() const;

 private:
  std::string path_;
  std::map<std::uint64_t, std::string> tokens_;  // files
};

}  // namespace nigh::server
