// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "server/front/stream.hpp"

namespace nigh::server {

// The stream that serves a request of somebody who is logged in: a table of method, :protocol and
// path. Never nullptr: what is not in the table gets a problem document.
std::unique_ptr<Stream> make_stream(Shared& shared, http2::StreamId id,
                                    const http2::Fields& fields);

}  // namespace nigh::server
