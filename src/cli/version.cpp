// SPDX-License-Identifier: Apache-2.0
#include "cli/version.hpp"

namespace nigh::cli {

const std::string_view kVersion = NIGH_VERSION;

}  // namespace nigh::cli
