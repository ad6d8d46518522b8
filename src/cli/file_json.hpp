// SPDX-License-Identifier: Apache-2.0
// Files as JSON objects, one a line, for programs. What is no UTF-8 comes as "path_base64" instead
// of "path", and so on.
#pragma once

#include <nigh/files.hpp>

#include <string>

#include "cli/file_path.hpp"

namespace nigh::cli {

// {"host":…,"path":…,"name":…,"type":"file","mode":"0644","size":…,"mtime":"2026-01-31T08:00:00.…Z",
// "uid","gid","user","group","links"}, and where they apply "target" and "etag". No line feed.
std::string entry_json(const FilePath& path, const FileInfo& info);
std::string size_json(const FilePath& path, const TreeSize& size);
// {"host":…,"path":…,"done":"removed"}, with "to" where something was moved.
std::string done_json(const FilePath& path, std::string_view what, const std::string& to = "");
std::string failure_json(const FilePath& path, const Error& error);

}  // namespace nigh::cli
