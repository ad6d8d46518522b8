// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/resource/exchange.hpp"

namespace nigh::resource {

// One function for each method (docs/protocol/files.md). Each answers completely or throws:
// Refused before its answer has begun, Failure afterwards.
void get_file(Exchange& exchange);  // HEAD too
void put_file(Exchange& exchange);
void delete_file(Exchange& exchange);
void make_directory(Exchange& exchange);
void move_file(Exchange& exchange);
void access_file(Exchange& exchange);  // CONNECT, nigh-file
void list_tree(Exchange& exchange);    // GET of /v1/tree/

}  // namespace nigh::resource
