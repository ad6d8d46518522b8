// SPDX-License-Identifier: Apache-2.0
#include "cli/file_path.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

constexpr std::string_view kScheme = "nigh://";

// Where the colon after a host is; npos: there is no host.
std::size_t host_end(std::string_view text) {
  auto name = text.substr(0, text.find('/'));
  auto at = name.find("@[");
  auto bracket = name.starts_with('[') ? 0 : at == name.npos ? name.npos : at + 1;
  auto colon = name.find(':');
  if (bracket < colon) {  // colons up to the closing bracket are the address's
    auto close = name.find("]:", bracket);
    return close == name.npos ? close : close + 1;
  }
  return colon == 0 ? name.npos : colon;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  auto letter = static_cast<char>(c | 0x20);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return bytes;
}

bool is_below_home(std::string_view path) { return path == "~" || path.starts_with("~/"); }

Result<FilePath> parse_url(std::string_view url) {
  auto slash = url.find('/', kScheme.size());
  FilePath file{std::string(url.substr(0, slash)), ""};
  if (file.host.size() == kScheme.size())
    return fail(Errc::usage, fmt::format("'{}' names no host", printable(url)));
  if (slash == url.npos || slash + 1 == url.size()) {
    file.path = slash == url.npos ? "" : "/";
    return file;
  }
  auto path = percent_decoded(url.substr(slash + 1));
  if (!path)
    return fail(Errc::usage, fmt::format("'{}': after a '%' two hex digits stand for a byte (a '%' "
                                         "itself is %25), and no path has a zero byte",
                                         printable(url)));
  file.path = is_below_home(*path) ? *path : "/" + *path;
  return file;
}

}  // namespace

std::string FilePath::text() const {
  if (host.empty()) return path;
  if (!host.starts_with(kScheme)) return fmt::format("{}:{}", host, path);
  return host + (path.starts_with('/') ? "" : "/") + path;
}

Result<FilePath> parse_file_path(std::string_view text) {
  if (text.empty()) return fail(Errc::usage, "a path is empty");
  if (lower(text.substr(0, kScheme.size())) == kScheme) return parse_url(text);
  auto colon = host_end(text);
  if (colon == text.npos) return FilePath{"", std::string(text)};
  return FilePath{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Result<FilePath> parse_remote_path(std::string_view text) {
  auto file = parse_file_path(text);
  if (file && !file->is_remote())
    return fail(Errc::usage,
                fmt::format("'{}' is a path of this machine: write HOST:PATH", printable(text)));
  return file;
}

}  // namespace nigh::cli
