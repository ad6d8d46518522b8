// SPDX-License-Identifier: Apache-2.0
#include "cli/file_json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/base64.hpp"
#include "cli/file_text.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using Json = nlohmann::ordered_json;

void add_bytes(Json& json, const std::string& name, const std::string& bytes) {
  if (is_utf8(bytes))
    json[name] = bytes;
  else
    json[name + "_base64"] = base64(bytes);
}

std::string text(const std::string& bytes) { return is_utf8(bytes) ? bytes : printable(bytes); }

Json about(const FilePath& path) {
  Json json;
  json["host"] = text(path.host);
  add_bytes(json, "path", path.path);
  return json;
}

}  // namespace

std::string entry_json(const FilePath& path, const FileInfo& info) {
  auto json = about(path);
  add_bytes(json, "name", last_component(path.path));
  json["type"] = name(info.kind);
  json["mode"] = fmt::format("{:04o}", info.mode);
  json["size"] = info.size;
  json["mtime"] = utc_time(info.mtime, info.mtime_nanoseconds);
  json["uid"] = info.uid;
  json["gid"] = info.gid;
  json["user"] = text(info.user);
  json["group"] = text(info.group);
  json["links"] = info.links;
  if (info.kind == FileKind::symlink) add_bytes(json, "target", info.target);
  if (!info.etag.empty()) json["etag"] = text(info.etag);
  return json.dump();
}

std::string size_json(const FilePath& path, const TreeSize& size) {
  auto json = about(path);
  json["files"] = size.files;
  json["directories"] = size.directories;
  json["bytes"] = size.bytes;
  json["allocated"] = size.allocated;
  return json.dump();
}

std::string done_json(const FilePath& path, std::string_view what, const std::string& to) {
  auto json = about(path);
  json["done"] = what;
  if (!to.empty()) add_bytes(json, "to", to);
  return json.dump();
}

std::string failure_json(const FilePath& path, const Error& error) {
  auto json = about(path);
  json["error"] = {{"code", name(error.code)}, {"message", text(error.message)}};
  return json.dump();
}

}  // namespace nigh::cli
