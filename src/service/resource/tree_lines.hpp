// SPDX-License-Identifier: Apache-2.0
// JSON lines about files: what /v1/tree/ answers with.
#pragma once

#include <string>
#include <string_view>

#include "files/attributes.hpp"
#include "files/entry.hpp"
#include "service/resource/exchange.hpp"

namespace nigh::resource {

// What a tree holds, as du counts it.
struct TreeTotal {
  std::uint64_t files = 0;        // everything but directories
  std::uint64_t directories = 0;  // itself too
  std::uint64_t bytes = 0;        // of regular files
  std::uint64_t allocated = 0;    // on disk, directories too
  TreeTotal& operator+=(const TreeTotal& other);
};

enum class NameAs { name, path };

// One object each, with a line feed. Names, paths and targets are bytes: those that are not UTF-8
// come as "name_base64" and so on.
std::string entry_line(NameAs as, std::string_view name, const files::Entry& entry,
                       files::Owners& owners);
std::string total_line(std::string_view path, const TreeTotal& total);
std::string failure_line(std::string_view path, const Error& error);

// Sends lines in large pieces. The answer begins with the first piece, so that what is wrong before
// it can still be a problem document.
class LineWriter {
 public:
  explicit LineWriter(Exchange& exchange) : exchange_(exchange) {}
  void add(std::string_view line);
  void finish();

 private:
  void flush();
  Exchange& exchange_;
  std::string buffer_;
};

}  // namespace nigh::resource
