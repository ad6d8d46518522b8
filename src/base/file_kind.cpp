// SPDX-License-Identifier: Apache-2.0
#include <nigh/files.hpp>

#include <array>
#include <cstddef>

namespace nigh {

std::string_view name(FileKind kind) {
  static constexpr std::array<std::string_view, 7> kNames{
      "file", "directory", "symlink", "fifo", "socket", "char-device", "block-device"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace nigh
