// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace nigh::server {

// The whole process: its exit status. It is started in the directory of the channels; standard
// input is the link to the worker, which says ChannelsSettings, and sees it end when the socket is
// there. SIGTERM, SIGINT and SIGHUP end it: clients come back to the next one.
int channels_main(const char* log_level);

}  // namespace nigh::server
