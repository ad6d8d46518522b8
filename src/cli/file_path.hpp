// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::cli {

// A file as typed. HOST:PATH and USER@HOST:PATH name one on a host, as in scp: what stands before
// the first colon, if no slash comes before that. [ADDRESS]:PATH is for IPv6. All else is a path of
// this machine ("./a:b", ":a").
//
// nigh://[USER@]HOST[:PORT]/PATH too, as the URLs of the HTTP API: the path is absolute unless it
// begins with "~", and %XX stands for a byte.
struct FilePath {
  std::string host;  // a target for connect(); empty: on this machine
  std::string path;  // bytes, as <nigh/files.hpp> has them; "" on a host: the home
  bool operator==(const FilePath&) const = default;

  bool is_remote() const { return !host.empty(); }
  std::string text() const;  // for messages, not yet printable
};

// Errc::usage: it is empty, or a URL that makes no sense.
Result<FilePath> parse_file_path(std::string_view text);

// The same for commands that work on hosts only: a path of this machine is Errc::usage too.
Result<FilePath> parse_remote_path(std::string_view text);

}  // namespace nigh::cli
