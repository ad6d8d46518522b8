// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "files/tree_digest.hpp"

namespace nigh::files {

bool same_attributes(const Entry& a, const ComparedOwner& a_owner, const Entry& b,
                     const ComparedOwner& b_owner, const Preserve& preserve) {
  std::uint32_t mask = preserve.set_id ? 07777 : 0777;
  if (a.kind != Kind::symlink && (a.mode & mask) != (b.mode & mask)) return false;
  if (a.mtime != b.mtime) return false;
  if (preserve.owner && (a_owner.user != b_owner.user || a_owner.group != b_owner.group))
    return false;
  return !preserve.xattrs || a.xattrs == b.xattrs;
}

bool same_content(const Entry& a, const Entry& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::file:
      return a.size == b.size && a.mtime == b.mtime;
    case Kind::symlink:
      return a.target == b.target;
    case Kind::char_device:
    case Kind::block_device:
      return a.device_major == b.device_major && a.device_minor == b.device_minor;
    case Kind::directory:
    case Kind::fifo:
    case Kind::socket:
      return true;
  }
  bug("same_content(Kind)");
}

bool path_before(std::string_view a, std::string_view b) {
  auto [at_a, at_b] = std::ranges::mismatch(a, b);
  if (at_a == a.end() || at_b == b.end()) return a.size() < b.size();
  if (*at_a == '/' || *at_b == '/') return *at_a == '/';
  return static_cast<unsigned char>(*at_a) < static_cast<unsigned char>(*at_b);
}

}  // namespace nigh::files
