// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "files/attributes.hpp"

namespace nigh::files {

// apply_at() to what has a temporary name until it is complete; messages name the final one.
Result<void> apply_to_name(const Directory& directory, std::string_view name, const Entry& entry,
                           const Preserve& preserve);

}  // namespace nigh::files
