// SPDX-License-Identifier: Apache-2.0
#include "files/entry_bytes.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace nigh::files {

void append_number(std::uint64_t number, std::string& out) {
  if constexpr (std::endian::native == std::endian::big) number = __builtin_bswap64(number);
  std::array<char, sizeof number> bytes;  // written at once below
  std::memcpy(bytes.data(), &number, bytes.size());
  out.append(bytes.data(), bytes.size());
}

void append_text(std::string_view text, std::string& out) {
  append_number(text.size(), out);
  out += text;
}

void EntryBytes::append(const Entry& entry, std::string& out) {
  append_text(entry.name, out);
  auto mode = entry.kind == Kind::symlink ? 0 : entry.mode & (preserve_.set_id ? 07777U : 0777U);
  append_number(std::uint64_t{mode} << 8 | static_cast<std::uint64_t>(entry.kind), out);
  append_number(static_cast<std::uint64_t>(entry.mtime.seconds), out);
  append_number(entry.mtime.nanoseconds, out);
  if (entry.kind == Kind::file) append_number(entry.size, out);
  if (entry.kind == Kind::symlink) append_text(entry.target, out);
  if (entry.kind > Kind::symlink)
    append_number(std::uint64_t{entry.device_major} << 32 | entry.device_minor, out);
  if (preserve_.owner) append_owner(entry, out);
  if (!preserve_.xattrs) return;
  append_number(entry.xattrs.size(), out);
  for (const auto& xattr : entry.xattrs) {
    append_text(xattr.name, out);
    append_text(xattr.value, out);
  }
}

// A number goes as a text that no name is, so that who has no name is nobody else.
void EntryBytes::append_owner(const Entry& entry, std::string& out) {
  auto one = [&](const std::string* name, std::uint32_t number) {
    if (name != nullptr && !name->empty()) return append_text(*name, out);
    append_text(":", out);
    append_number(number, out);
  };
  one(preserve_.numeric ? nullptr : &owners_.user(entry.uid), entry.uid);
  one(preserve_.numeric ? nullptr : &owners_.group(entry.gid), entry.gid);
}

}  // namespace nigh::files
