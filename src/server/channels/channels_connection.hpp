// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/channels/channels_server.hpp"

namespace nigh::server {

// One request, from its head to its end.
struct ChannelsServer::Connection {
  Connection(ChannelsServer& server, Id number, UniqueFd reads, UniqueFd writes, UniqueFd watches);

  Id id;
  std::string head;  // until it is all there
  bool has_head = false;
  bool in_hub = false;
  bool paused = false;   // the hub wants no more of it for now
  bool closing = false;  // once all has left
  bool unflushed = false;
  bool behind = false;       // what was sent has not all left
  bool gets_stream = false;  // or has got one
  bool gone = false;
  std::string out;  // small pieces, until the end of a turn
  io::FdSource in;
  io::FdSink sink;
  io::Readiness hangup;  // that shows also while nothing is read
};

}  // namespace nigh::server
