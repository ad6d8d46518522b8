// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace nigh::cli {

// Whether all of `bytes` is well-formed UTF-8 (RFC 3629), so that JSON can carry it as it is.
bool is_utf8(std::string_view bytes);

// Characters in `text`, for lining things up. Wide and combining characters count as one.
std::size_t columns_of(std::string_view text);

}  // namespace nigh::cli
