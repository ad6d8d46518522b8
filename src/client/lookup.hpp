// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/lookup.hpp"

namespace nigh::client {

using io::interleave_families;
using io::look_up_host;

}  // namespace nigh::client
