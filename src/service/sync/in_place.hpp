// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "service/sync/receiving.hpp"

namespace nigh::sync {

// The file to write into, for --inplace. Where writing into it would change something else, another
// name of the same file or what a link leads to, a new file that takes its place; `copied` says how
// much of the old content is wanted in that.
Result<files::NewFile> open_to_update(const Receiving& receiving, const files::Directory& directory,
                                      const std::string& name, std::uint64_t copied);

}  // namespace nigh::sync
