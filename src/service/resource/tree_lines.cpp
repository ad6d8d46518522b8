// SPDX-License-Identifier: Apache-2.0
#include "service/resource/tree_lines.hpp"

#include <nigh/files.hpp>

#include <nlohmann/json.hpp>

#include "service/resource/attributes.hpp"
#include "wire/base64.hpp"

namespace nigh::resource {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPiece = 64 * 1024;

void put_bytes(Json& json, std::string_view key, std::string_view bytes) {
  try {
    (void)Json(bytes).dump();  // throws unless UTF-8
    json[std::string(key)] = bytes;
  } catch (const Json::type_error&) {
    json[std::string(key) + "_base64"] = wire::base64(bytes);
  }
}

// What users and the system's messages say is text, and shown to people only.
std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// nigh::FileKind has the same order, and the names.
static_assert(static_cast<int>(files::Kind::kLast) == static_cast<int>(FileKind::block_device));
std::string_view kind_name(files::Kind kind) { return name(static_cast<FileKind>(kind)); }

}  // namespace

TreeTotal& TreeTotal::operator+=(const TreeTotal& other) {
  files += other.files;
  directories += other.directories;
  bytes += other.bytes;
  allocated += other.allocated;
  return *this;
}

std::string entry_line(NameAs as, std::string_view name, const files::Entry& entry,
                       files::Owners& owners) {
  Json json = Json::object();
  put_bytes(json, as == NameAs::name ? "name" : "path", name);
  json["type"] = kind_name(entry.kind);
  json["mode"] = mode_text(entry.mode);
  json["size"] = entry.size;
  json["mtime"] = time_text(entry.mtime);
  json["uid"] = entry.uid;
  json["gid"] = entry.gid;
  json["user"] = owners.user(entry.uid);
  json["group"] = owners.group(entry.gid);
  json["links"] = entry.links;
  if (entry.kind == files::Kind::symlink) put_bytes(json, "target", entry.target);
  if (entry.kind == files::Kind::file) json["etag"] = etag(entry);
  return line_of(json);
}

std::string total_line(std::string_view path, const TreeTotal& total) {
  Json json = Json::object();
  put_bytes(json, "path", path);
  json["files"] = total.files;
  json["directories"] = total.directories;
  json["bytes"] = total.bytes;
  json["allocated"] = total.allocated;
  return line_of(json);
}

std::string failure_line(std::string_view path, const Error& error) {
  Json json = Json::object();
  put_bytes(json, "path", path);
  json["error"] = error.message;
  json["code"] = name(error.code);
  return line_of(json);
}

void LineWriter::add(std::string_view line) {
  buffer_ += line;
  if (buffer_.size() >= kPiece) flush();
}

void LineWriter::finish() { flush(); }

void LineWriter::flush() {
  if (!exchange_.begun()) exchange_.begin(200, {{"content-type", "application/x-ndjson"}});
  exchange_.send(buffer_);
  buffer_.clear();
}

}  // namespace nigh::resource
