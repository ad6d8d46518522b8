// SPDX-License-Identifier: Apache-2.0
#include "files/name_list.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>

#include "files/failure.hpp"

namespace nigh::files {
namespace {

constexpr std::string_view kRead = "cannot read the directory";

std::uint64_t start_of(std::string_view name) {
  std::uint64_t start = 0;
  std::memcpy(&start, name.data(), std::min(name.size(), sizeof start));
  if constexpr (std::endian::native == std::endian::little) start = __builtin_bswap64(start);
  return start;
}

}  // namespace

void NameList::clear() {
  bytes_.clear();
  items_.clear();
}

void NameList::add(std::string_view name, unsigned char type) {
  items_.push_back({start_of(name), static_cast<std::uint32_t>(bytes_.size()),
                    static_cast<std::uint16_t>(name.size()), type});
  bytes_.append(name).push_back('\0');
}

bool NameList::before(const Item& a, const Item& b) const {
  if (a.start != b.start) return a.start < b.start;
  return std::string_view(bytes_.data() + a.offset, a.length) <
         std::string_view(bytes_.data() + b.offset, b.length);
}

Result<void> NameList::read(const Directory& directory) {
  clear();
  if (::lseek(directory.fd(), 0, SEEK_SET) < 0 && errno != EBADF)
    return fail_file(kRead, directory.path(), errno);
  alignas(dirent64) std::array<char, 32 * 1024> buffer;  // filled by the kernel
  while (true) {
    auto length = ::getdents64(directory.fd(), buffer.data(), buffer.size());
    // EBADF: it was opened without the right to read it.
    if (length < 0) return fail_file(kRead, directory.path(), errno == EBADF ? EACCES : errno);
    if (length == 0) break;
    for (const char* at = buffer.data(); at < buffer.data() + length;) {
      const auto* item = reinterpret_cast<const dirent64*>(at);
      at += item->d_reclen;
      std::string_view name(static_cast<const char*>(item->d_name));
      if (name == "." || name == "..") continue;
      if (bytes_.size() + name.size() >= std::numeric_limits<std::uint32_t>::max())
        return fail_file(kRead, directory.path(), EFBIG);
      add(name, item->d_type);
    }
  }
  std::ranges::sort(items_, [this](const Item& a, const Item& b) { return before(a, b); });
  return {};
}

bool NameList::contains(std::string_view name) const {
  auto text = [this](const Item& item) {
    return std::string_view(bytes_.data() + item.offset, item.length);
  };
  return std::ranges::binary_search(items_, name, {}, text);
}

}  // namespace nigh::files
