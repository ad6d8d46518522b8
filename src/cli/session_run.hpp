// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <optional>
#include <string>

#include "cli/supervisor.hpp"

namespace nigh::cli {

// A session as a person sees it.
struct SessionView {
  std::string host;    // as typed
  std::string handle;  // by which to attach again: a name; empty: its id
  bool terminal = true;
  bool read_only = false;
  // Of `nigh run`: our signals are for it, and it may turn out to be none that can go on alone.
  bool is_command = false;
  std::optional<char> escape = '~';
};

// Connects a session to our standard streams until it has exited or the person has left it. Keys
// are sent if the session and standard input are terminals. Returns the exit status of nigh; throws
// Failure for what is nigh's own. What is referred to must outlive the coroutine.
async::awaitable<int> run_session(Supervisor& supervisor, async::Process& process,
                                  SessionView view);

}  // namespace nigh::cli
