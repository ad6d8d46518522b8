// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace nigh::cli {

extern const std::string_view kVersion;  // "0.1.0", as in CMakeLists.txt

}  // namespace nigh::cli
