// SPDX-License-Identifier: Apache-2.0
// An ignore file and, after a NUL, a path; and a path as a glob that means itself.
#include <cstdint>

#include "base/error.hpp"
#include "files/filter.hpp"

using namespace nigh;

namespace {
std::string escaped(std::string_view path) {
  std::string glob;
  for (char c : path) (glob += '\\') += c;
  return glob;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  auto end = input.find('\0');
  auto text = input.substr(0, end);
  auto path = end == input.npos ? std::string_view() : input.substr(end + 1);
  auto filter = unwrap(files::Filter::make({}, {".gitignore"}));
  filter.enter("", {std::string(text)});
  (void)filter.excludes(path, true);
  (void)files::Filter::make({{.include = false, .pattern = std::string(text)}}, {});
  expect(files::matches_glob(escaped(path), path), "an escaped path matches itself");
  expect(files::matches_glob("**", path), "** matches every path");
  return 0;
}
