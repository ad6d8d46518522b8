// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "files/attributes.hpp"
#include "files/entry.hpp"

namespace nigh::files {

// What of an entry its directory's digest covers, as bytes that are the same on every machine and
// different for different entries. Appends to `out`.
class EntryBytes {
 public:
  EntryBytes(const Preserve& preserve, Owners& owners) : preserve_(preserve), owners_(owners) {}
  void append(const Entry& entry, std::string& out);

 private:
  void append_owner(const Entry& entry, std::string& out);

  const Preserve& preserve_;
  Owners& owners_;
};

// Little-endian; and with its length before it.
void append_number(std::uint64_t number, std::string& out);
void append_text(std::string_view text, std::string& out);

}  // namespace nigh::files
