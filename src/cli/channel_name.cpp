// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/channel_arguments.hpp"
#include "cli/file_path.hpp"

namespace nigh::cli {
namespace {

bool is_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  return !name.empty() && name.size() <= kLongest && name != "." && name != ".." &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

Result<ChannelName> parse_channel_name(std::string_view text) {
  auto path = parse_file_path(text);
  if (!path || !path->is_remote())
    return fail(Errc::usage,
                fmt::format("'{}' names no channel: HOST:CHANNEL does", printable(text)));
  // nigh://HOST:PORT/CHANNEL, as for files: a URL's path begins with a slash.
  if (path->host.find("://") != path->host.npos && path->path.starts_with('/'))
    path->path.erase(0, 1);
  if (!is_name(path->path))
    return fail(Errc::usage,
                fmt::format("'{}' is not the name of a channel: 1 to 64 letters, digits, dots, "
                            "underscores and hyphens",
                            printable(path->path)));
  return ChannelName{std::move(path->host), std::move(path->path)};
}

}  // namespace nigh::cli
