// SPDX-License-Identifier: Apache-2.0
// Tree transfers (docs/protocol/sync.md) over a Channel: the ends that the client and the server's
// file process call. All of it blocks.
#pragma once

#include <nigh/files.hpp>

#include <string>
#include <vector>

#include "base/channel.hpp"

namespace nigh::sync {

using Channel = ByteChannel;

// Copies local sources to `destination` on the server, or sources on the server to a local
// destination. A source with a trailing slash means what is in it; `contents` says the same for all
// of them (nigh sync). Throws Failure if the transfer as a whole could not be done; what failed on
// single files is in the report. Channel::cancel() ends it.
struct Job {
  std::vector<std::string> sources;
  std::string destination;
  bool contents = false;  // one source, whose contents become those of the destination
  TransferOptions options;
};
TransferReport push(Channel& channel, const Job& job, const TransferEvents& events);
TransferReport pull(Channel& channel, const Job& job, const TransferEvents& events);

// Server to server: both ends of one transfer are remote, the bytes pass through here.
TransferReport relay(Channel& from, Channel& to, const Job& job, const TransferEvents& events);

// The server's end, whichever role the client gives it. `home`: what relative paths are relative
// to. Returns when the client has ended its half; a Failure is for the log.
void serve(Channel& channel, const std::string& home);

}  // namespace nigh::sync
