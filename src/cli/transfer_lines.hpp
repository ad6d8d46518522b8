// SPDX-License-Identifier: Apache-2.0
// Lines about a transfer, without a line feed. Pure.
#pragma once

#include <nigh/files.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/progress_line.hpp"

namespace nigh::cli {

// "+ new/file", "* changed", ". attributes", "= link -> of", "> from -> to", "& copy from -> to",
// "- deleted", "! skipped (why)". Folders end in a slash; names are printable. The digest, if it is
// there and asked for, follows after two spaces.
std::string item_line(const TransferItem& item, bool with_digest);

// What stands for an action in item_line(), for explaining.
struct ItemSign {
  char sign;
  std::string_view says;
};
const std::vector<ItemSign>& item_signs();

// One JSON object each. Paths that are no UTF-8 come as "path_base64" instead of "path".
std::string item_json(const TransferItem& item);
std::string failure_json(const std::string& host, const TransferFailure& failure);
std::string progress_json(const ProgressView& view);

}  // namespace nigh::cli
