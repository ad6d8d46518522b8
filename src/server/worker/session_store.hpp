// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "server/link/messages.hpp"
#include "server/link/session_files.hpp"

namespace nigh::server {

// The account's sessions, each a directory <state directory>/sessions/<id> (0700); what is in it
// stands in link/session_files.hpp.
//
// Nothing about them is kept in memory: a worker that was started again finds them here, and so do
// several servers of one account.
class SessionStore {
 public:
  explicit SessionStore(const std::string& state_directory)
      : directory_(state_directory + "/sessions") {}

  // A directory for a new session; `facts` gets its id.
  Result<void> make(SessionFacts& facts) const;
  std::string path(std::string_view id) const { return directory_ + "/" + std::string(id); }
  // With all that is in it. Its holder does the same when it ends.
  void remove(std::string_view id) const;

  std::vector<std::string> ids() const;
  // What does not change, as it was written; nothing if there is no such session.
  std::optional<SessionFacts> facts(std::string_view id) const;
  // By id or by name.
  std::optional<SessionFacts> find(std::string_view id_or_name) const;

  // A link to the holder. A session whose holder is gone is removed: Errc::not_found then, and
  // Errc::unavailable if it does not listen now.
  Result<UniqueFd> connect(std::string_view id) const;
  // Removes the sessions whose holders are gone; how many are left that last.
  std::size_t sweep() const;

  struct Resumable {
    std::string session;
    ResumeEntry entry;
  };
  std::optional<Resumable> find_resume(std::string_view hash) const;
  // What was made by somebody who logged in with that bearer token is worth nothing any more.
  void revoke(std::string_view token_id) const;

 private:
  std::string directory_;
};

}  // namespace nigh::server
