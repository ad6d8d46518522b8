// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

#include "base/error.hpp"

namespace nigh::cli {

// Whatever was thrown as an Error; Boost's messages without their source locations.
Error to_error(const std::exception_ptr& thrown);

}  // namespace nigh::cli
