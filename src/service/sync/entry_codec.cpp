// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "files/names.hpp"
#include "service/sync/records.hpp"

namespace nigh::sync {
namespace {

constexpr std::uint32_t kModeBits = 07777;
constexpr std::uint32_t kNanoseconds = 1'000'000'000;
constexpr std::size_t kMaxTarget = 4095;  // PATH_MAX with its NUL
constexpr std::size_t kMaxXattrs = 256;
constexpr std::size_t kMaxXattrValue = 64 << 10;  // XATTR_SIZE_MAX

bool is_device(files::Kind kind) {
  return kind == files::Kind::char_device || kind == files::Kind::block_device;
}

bool get_u32(wire::VarintReader& in, std::uint32_t& value, std::uint32_t most) {
  auto wide = in.varint();
  value = static_cast<std::uint32_t>(wide);
  return in.ok() && wide <= most;
}

void put_xattrs(std::string& out, const std::vector<files::Xattr>& xattrs) {
  wire::put_varint(out, xattrs.size());
  for (const auto& xattr : xattrs) {
    wire::put_bytes(out, xattr.name);
    wire::put_bytes(out, xattr.value);
  }
}

bool is_valid_xattr(const files::Xattr& xattr) {
  std::string_view name = xattr.name;
  return name.size() <= 255 && name.find('\0') == name.npos &&
         xattr.value.size() <= kMaxXattrValue &&
         (name.starts_with("user.") || name == "system.posix_acl_access" ||
          name == "system.posix_acl_default");
}

bool get_xattrs(wire::VarintReader& in, std::vector<files::Xattr>& xattrs) {
  auto count = in.varint();
  if (count > kMaxXattrs) return false;
  for (; count > 0 && in.ok(); --count) {
    files::Xattr xattr;
    xattr.name = in.bytes();
    xattr.value = in.bytes();
    if (!is_valid_xattr(xattr)) return false;
    xattrs.push_back(std::move(xattr));
  }
  return in.ok();
}

bool is_valid_target(std::string_view target) {
  return !target.empty() && target.size() <= kMaxTarget && target.find('\0') == target.npos;
}

// What depends on the kind.
bool get_kind_fields(wire::VarintReader& in, files::Entry& entry) {
  if (entry.kind == files::Kind::file) {
    entry.size = in.varint();
    return entry.size <= static_cast<std::uint64_t>(INT64_MAX);
  }
  if (entry.kind == files::Kind::symlink) {
    entry.target = in.bytes();
    return is_valid_target(entry.target);
  }
  if (is_device(entry.kind))
    return get_u32(in, entry.device_major, UINT32_MAX) &&
           get_u32(in, entry.device_minor, UINT32_MAX);
  return true;
}

bool get_fields(wire::VarintReader& in, files::Entry& entry, const EntryFields& fields) {
  entry.name = in.bytes();
  auto kind = in.varint();
  if (!files::is_valid_name(entry.name) || kind > static_cast<std::uint64_t>(files::Kind::kLast))
    return false;
  entry.kind = static_cast<files::Kind>(kind);
  if (!get_u32(in, entry.mode, kModeBits)) return false;
  entry.mtime.seconds = in.signed_varint();
  if (!get_u32(in, entry.mtime.nanoseconds, kNanoseconds - 1)) return false;
  if (!get_kind_fields(in, entry)) return false;
  if (fields.owner && !(get_u32(in, entry.uid, UINT32_MAX) && get_u32(in, entry.gid, UINT32_MAX)))
    return false;
  if (fields.links && !get_u32(in, entry.links, 2)) return false;
  return !fields.xattrs || get_xattrs(in, entry.xattrs);
}

}  // namespace

void put_entry(std::string& out, const files::Entry& entry, const EntryFields& fields) {
  wire::put_bytes(out, entry.name);
  wire::put_varint(out, static_cast<std::uint64_t>(entry.kind));
  wire::put_varint(out, entry.mode);
  wire::put_signed(out, entry.mtime.seconds);
  wire::put_varint(out, entry.mtime.nanoseconds);
  if (entry.kind == files::Kind::file) wire::put_varint(out, entry.size);
  if (entry.kind == files::Kind::symlink) wire::put_bytes(out, entry.target);
  if (is_device(entry.kind)) {
    wire::put_varint(out, entry.device_major);
    wire::put_varint(out, entry.device_minor);
  }
  if (fields.owner) {
    wire::put_varint(out, entry.uid);
    wire::put_varint(out, entry.gid);
  }
  if (fields.links) wire::put_varint(out, entry.links > 1 ? 2 : 1);
  if (fields.xattrs) put_xattrs(out, entry.xattrs);
}

Result<files::Entry> get_entry(wire::VarintReader& in, const EntryFields& fields) {
  files::Entry entry;
  if (!get_fields(in, entry, fields) || !in.ok())
    return fail(Errc::malformed, "transfer: a file's description is not possible on Linux");
  return entry;
}

bool is_valid_path(std::string_view path) {
  if (path.empty()) return true;
  if (path.size() > 64 * 1024) return false;
  for (;;) {
    auto slash = path.find('/');
    if (!files::is_valid_name(path.substr(0, slash))) return false;
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace nigh::sync
