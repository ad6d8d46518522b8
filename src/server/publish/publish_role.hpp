// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace nigh::server {

// The whole process: its exit status. It holds this server's lines to relays, as a client of theirs
// with the account's configuration, known_hosts, keys and agent, and passes the connections that
// come over them to the keeper; it reads none of what is in those, and has no host key. Standard
// input is the link to the keeper (server/link/publication.hpp), with whose end it ends.
int publish_main(const char* log_level);

}  // namespace nigh::server
