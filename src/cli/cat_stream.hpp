// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include "cli/file_work.hpp"

namespace nigh::cli {

// Copies one file to standard output. Several blocks are on their way at a time, so that a long
// connection is full; they are written in their order.
async::awaitable<void> write_to_output(async::File file, FileWork& work);

}  // namespace nigh::cli
