// SPDX-License-Identifier: Apache-2.0
#include "files/ignore_files.hpp"

#include <fmt/format.h>

#include <span>

#include "base/text.hpp"
#include "files/new_file.hpp"

namespace nigh::files {
namespace {

constexpr std::size_t kMaxIgnoreFile = 1 << 20;

Result<std::string> read_text(const Directory& directory, const std::string& name) {
  auto file = open_file(directory, name);
  if (!file) return std::unexpected(file.error());
  auto path = directory.path_of(name);
  std::string text(64 * 1024, '\0');
  std::size_t length = 0;
  while (true) {
    auto got = read_full(file->get(), std::span(text).subspan(length), length, path);
    if (!got) return std::unexpected(got.error());
    length += *got;
    if (length > kMaxIgnoreFile)
      return fail(Errc::too_large, printable(path) + " has more than 1 MiB of rules");
    if (length < text.size()) break;
    text.resize(text.size() * 2);
  }
  text.resize(length);
  return text;
}

}  // namespace

void enter_folder(const Listing& listing, const NameList& names) {
  auto& filter = listing.selection.filter;
  if (filter.ignore_files().empty()) return filter.enter(listing.path, {});
  std::vector<std::string> texts;
  for (const auto& name : filter.ignore_files()) {
    Result<std::string> text;
    if (names.contains(name)) text = read_text(listing.directory, name);
    if (!text) listing.on_failed(listing.directory.path_of(name), text.error());
    texts.push_back(text.value_or(""));
  }
  filter.enter(listing.path, texts);
}

}  // namespace nigh::files
