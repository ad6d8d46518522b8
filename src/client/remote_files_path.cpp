// SPDX-License-Identifier: Apache-2.0
#include "client/remote_files_path.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace nigh::client {
namespace {

constexpr std::size_t kMaxPath = 4096;  // PATH_MAX

bool is_home(std::string_view path) { return path == "~" || path.starts_with("~/"); }

bool stands_for_itself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~/").find(c) != std::string_view::npos;
}

std::string below_root(std::string_view path) {
  auto rest = path.substr(1);
  return is_home(rest) ? fmt::format("./{}", rest) : std::string(rest);  // /~ is not the home
}

}  // namespace

std::string files_url(std::string_view resource, std::string_view path) {
  if (path.size() > kMaxPath)
    throw Failure(Errc::usage, fmt::format("a path is longer than {} bytes", kMaxPath));
  if (path.find('\0') != path.npos) throw Failure(Errc::usage, "a path has a zero byte");
  std::string url(resource);
  auto named = path.starts_with('/') ? below_root(path)
               : path.empty()        ? "~"
               : is_home(path)       ? std::string(path)
                                     : fmt::format("~/{}", path);
  for (char c : named) {
    if (stands_for_itself(c))
      url += c;
    else
      fmt::format_to(std::back_inserter(url), "%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

std::string as_asked(std::string_view asked, std::string path) {
  bool relative = !asked.starts_with('/') && !is_home(asked);
  if (relative && path.starts_with("~/") && !is_home(std::string_view(path).substr(2)))
    path.erase(0, 2);
  return path;
}

}  // namespace nigh::client
