// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_lines.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

std::string shown(const std::string& path, FileKind kind) {
  if (path.empty()) return "./";  // the destination itself
  return printable(path) + (kind == FileKind::directory ? "/" : "");
}

}  // namespace

// In the order of TransferItem::Action.
const std::vector<ItemSign>& item_signs() {
  static const std::vector<ItemSign> signs{{'+', "new"},
                                           {'*', "changed"},
                                           {'.', "only its attributes"},
                                           {'=', "a hard link: = OLD -> NEW"},
                                           {'>', "renamed there instead of sent: > OLD -> NEW"},
                                           {'&', "copied there instead of sent: & OLD -> NEW"},
                                           {'-', "deleted"},
                                           {'!', "skipped, with the reason"}};
  return signs;
}

std::string item_line(const TransferItem& item, bool with_digest) {
  std::string line{item_signs().at(static_cast<std::size_t>(item.action)).sign, ' '};
  if (!item.from.empty()) line += printable(item.from) + " -> ";
  line += shown(item.path, item.kind);
  if (!item.reason.empty()) line += fmt::format(" ({})", printable(item.reason));
  if (with_digest && !item.digest.empty()) line += "  xxh3:" + item.digest;
  return line;
}

}  // namespace nigh::cli
