// SPDX-License-Identifier: Apache-2.0
#include "files/glob.hpp"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/text.hpp"

namespace nigh::files {
namespace {

bool exists(const std::string& path) {
  struct stat status;  // filled by the kernel
  return ::lstat(path.c_str(), &status) == 0;
}

// A pattern such as ".*" matches these two, and nobody who writes it means them.
bool is_dot_or_dots(const std::string& path) {
  auto name = path.substr(path.rfind('/') + 1);
  return name == "." || name == "..";
}

struct Matches {
  glob_t found{};
  Matches() = default;
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;
  ~Matches() { ::globfree(&found); }
};

std::unexpected<Error> no_match(const std::string& pattern) {
  return fail(Errc::not_found, printable(pattern) + ": there is no such file or directory");
}

}  // namespace

std::string absolute(std::string_view path, const std::string& home) {
  if (path.starts_with('/')) return std::string(path);
  if (path.empty() || path == "~") return home;
  if (path.starts_with("~/")) path.remove_prefix(2);
  std::string result = home;
  if (!result.ends_with('/')) result += '/';
  return result += path;
}

Result<std::vector<std::string>> expand(const std::string& pattern) {
  if (pattern.empty() || pattern.contains('\0')) return no_match(pattern);
  if (exists(pattern)) return std::vector{pattern};
  Matches matches;
  switch (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &matches.found)) {
    case 0:
      break;
    case GLOB_NOMATCH:
      return no_match(pattern);
    default:
      return fail(Errc::system, "cannot expand " + printable(pattern) + ": out of memory");
  }
  std::vector<std::string> paths(matches.found.gl_pathv,
                                 matches.found.gl_pathv + matches.found.gl_pathc);
  std::erase_if(paths, is_dot_or_dots);
  if (paths.empty()) return no_match(pattern);
  std::ranges::sort(paths);  // by bytes: glob(3) would do so by the locale
  return paths;
}

}  // namespace nigh::files
