// SPDX-License-Identifier: Apache-2.0
#include "delta/window.hpp"

#include <algorithm>

namespace nigh::delta {

std::size_t window_capacity(std::uint32_t block, std::uint64_t file_size) {
  constexpr std::size_t kReadAhead = 512 * 1024;
  const auto wanted = std::max<std::uint64_t>(kReadAhead, std::uint64_t{4} * block);
  return static_cast<std::size_t>(std::min(wanted, file_size));
}

Result<std::string_view> Window::look(std::uint64_t offset, std::size_t length, std::uint64_t end) {
  expect(length <= capacity_ && length <= end - offset, "a look beyond the window");
  const auto held_end = held_.offset + held_.length;
  if (offset < held_.offset || offset + length > held_end) {
    const auto wanted = std::min<std::uint64_t>(capacity_, end - offset);
    held_ = {};
    auto got = read_(offset, {bytes_.get(), static_cast<std::size_t>(wanted)});
    if (!got) return std::unexpected(std::move(got).error());
    if (*got < wanted) return fail(Errc::unavailable, "the file became shorter while it was read");
    held_ = {offset, wanted};
  }
  const auto skip = static_cast<std::size_t>(offset - held_.offset);
  const auto available = std::min(held_.offset + held_.length, end) - offset;
  return std::string_view(bytes_.get() + skip, static_cast<std::size_t>(available));
}

}  // namespace nigh::delta
