// SPDX-License-Identifier: Apache-2.0
#include "files/xattrs.hpp"

#include <fmt/format.h>
#include <linux/limits.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "files/failure.hpp"

namespace nigh::files {
namespace {

// The handled names there are; 0 or an errno.
int list_names(const XattrPlace& place, std::vector<std::string>& names) {
  names.clear();
  std::string bytes(1024, '\0');
  auto length = place.list(bytes.data(), bytes.size());
  if (length < 0 && errno == ERANGE) {
    bytes.resize(XATTR_LIST_MAX);
    length = place.list(bytes.data(), bytes.size());
  }
  if (length < 0) return errno == ENOTSUP ? 0 : errno;
  std::string_view rest(bytes.data(), static_cast<std::size_t>(length));
  while (!rest.empty()) {
    auto name = rest.substr(0, rest.find('\0'));
    if (is_handled_xattr(name)) names.emplace_back(name);
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  }
  std::ranges::sort(names);
  return 0;
}

// Whether it holds `value` already: setting what is there would change the ctime for nothing.
bool has(const XattrPlace& place, const Xattr& xattr) {
  std::string value(xattr.value.size() + 1, '\0');  // one more: a longer one is another
  auto length = place.get(xattr.name.c_str(), value.data(), value.size());
  if (length < 0) return false;
  value.resize(static_cast<std::size_t>(length));
  return value == xattr.value;
}

}  // namespace

bool is_handled_xattr(std::string_view name) {
  return (name.starts_with("user.") && name.size() > 5 && name.size() <= XATTR_NAME_MAX &&
          !name.contains('\0')) ||
         name == "system.posix_acl_access" || name == "system.posix_acl_default";
}

XattrPlace::XattrPlace(int directory, const char* name, bool follow)
    : path_(fmt::format("/proc/self/fd/{}/{}", directory, name)), follow_(follow) {}

ssize_t XattrPlace::list(char* into, std::size_t size) const {
  if (path_.empty()) return ::flistxattr(fd_, into, size);
  return (follow_ ? ::listxattr : ::llistxattr)(path_.c_str(), into, size);
}

ssize_t XattrPlace::get(const char* name, char* into, std::size_t size) const {
  if (path_.empty()) return ::fgetxattr(fd_, name, into, size);
  return (follow_ ? ::getxattr : ::lgetxattr)(path_.c_str(), name, into, size);
}

int XattrPlace::set(const Xattr& xattr) const {
  const auto& [name, value] = xattr;
  if (path_.empty()) return ::fsetxattr(fd_, name.c_str(), value.data(), value.size(), 0);
  return (follow_ ? ::setxattr : ::lsetxattr)(path_.c_str(), name.c_str(), value.data(),
                                              value.size(), 0);
}

int XattrPlace::remove(const char* name) const {
  if (path_.empty()) return ::fremovexattr(fd_, name);
  return (follow_ ? ::removexattr : ::lremovexattr)(path_.c_str(), name);
}

int read_xattrs(const XattrPlace& place, std::vector<Xattr>& into) {
  into.clear();
  std::vector<std::string> names;
  if (int failed = list_names(place, names); failed != 0) return failed;
  std::string value;
  std::size_t total = 0;
  for (auto& name : names) {
    value.resize(XATTR_SIZE_MAX);
    auto length = place.get(name.c_str(), value.data(), value.size());
    if (length < 0 && (errno == ENODATA || errno == ENOTSUP)) continue;  // gone meanwhile
    if (length < 0) return errno;
    value.resize(static_cast<std::size_t>(length));
    total += name.size() + value.size();
    if (total > kMaxXattrBytes) return E2BIG;
    into.push_back({std::move(name), value});
  }
  return 0;
}

Result<void> set_xattrs(const XattrPlace& place, const std::vector<Xattr>& wanted,
                        const std::string& path) {
  std::vector<std::string> names;
  Result<void> first;
  auto failed = [&first](Error error) {
    if (first) first = std::unexpected(std::move(error));
  };
  if (int error = list_names(place, names); error != 0)
    failed(xattr_error("cannot read", path, error));
  for (const auto& name : names)
    if (std::ranges::find(wanted, name, &Xattr::name) == wanted.end() &&
        place.remove(name.c_str()) != 0 && errno != ENODATA)
      failed(xattr_error("cannot remove", path, errno));
  for (const auto& xattr : wanted) {
    if (!is_handled_xattr(xattr.name))
      failed({Errc::refused, fmt::format("the attribute {} of {} is not one that nigh sets",
                                         printable(xattr.name), printable(path))});
    else if (!has(place, xattr) && place.set(xattr) != 0)
      failed(xattr_error("cannot set", path, errno));
  }
  return first;
}

Error xattr_error(std::string_view what, const std::string& path, int error_number) {
  if (error_number == E2BIG)
    return {Errc::too_large,
            fmt::format("{} has more than 1 MiB of extended attributes", printable(path))};
  if (error_number == ENOTSUP)
    return {Errc::unsupported, fmt::format("{} extended attributes of {}: its file system has none",
                                           what, printable(path))};
  return file_error(fmt::format("{} extended attributes of", what), path, error_number);
}

}  // namespace nigh::files
