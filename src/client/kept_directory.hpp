// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "client/resolve.hpp"
#include "client/surroundings.hpp"

namespace nigh::client {

// Everything that decides who is reached as whom, as a file name: two commands whose names are
// equal may use the same connection.
std::string kept_name(const Endpoint& endpoint);

// $XDG_RUNTIME_DIR/nigh if that directory is there and ours, else ~/.local/state/nigh/kept.
std::string kept_directory_path(const Surroundings& around);

// The private directory where the sockets of kept connections lie: NAME.socket, and NAME.lock while
// one is being made. It must be a directory of ours that nobody else may enter, and at the other
// end of a socket must be a process of ours.
class KeptDirectory {
 public:
  // nullopt: it is not there. Errc::refused: not private.
  static Result<std::optional<KeptDirectory>> open(const std::string& path);
  // Makes it if need be.
  static Result<KeptDirectory> make(const std::string& path);

  // Non-blocking. Errc::unavailable: nobody listens there; Errc::refused: somebody else does.
  Result<UniqueFd> connect(const std::string& name) const;
  // One process at a time has the lock; waits for it.
  Result<UniqueFd> lock(const std::string& name) const;
  // Invalid: another has it.
  UniqueFd try_to_lock(const std::string& name) const;
  // Takes the place of whatever has this name. Whoever calls it has the lock.
  Result<UniqueFd> listen(const std::string& name) const;
  // Is it this process that listens under the name?
  bool leads_to_us(const std::string& name) const;
  // What is left of a process that has ended, or of ours that ends. Whoever calls it has the lock.
  void remove(const std::string& name) const;
  // Tidies up after a process that was killed. False: it lives, or another sees to it.
  bool remove_dead(const std::string& name) const;
  std::vector<std::string> names() const;

 private:
  Result<UniqueFd> lock(const std::string& name, int operation) const;
  KeptDirectory(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  UniqueFd fd_;
};

// Is the process at the other end of a unix socket of our account?
bool peer_is_ours(int socket);

}  // namespace nigh::client
