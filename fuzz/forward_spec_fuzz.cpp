// SPDX-License-Identifier: Apache-2.0
// What people write behind -L, -R and -D: the first byte says which.
#include <cstdint>

#include "base/error.hpp"
#include "service/tunnel/forward_spec.hpp"

using namespace nigh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto forwards = tunnel::parse_forward(static_cast<tunnel::Direction>(data[0] % 3), text);
  if (!forwards) return 0;
  expect(!forwards->empty() && forwards->size() <= tunnel::kMaxRange, "too few or too many");
  for (const auto& one : *forwards) {
    expect(one.listen.is_socket() != tunnel::is_host(one.listen.host), "it listens nowhere");
    if (one.direction == tunnel::Direction::dynamic || one.target.is_socket()) continue;
    expect(tunnel::parse_host_port(tunnel::to_text(one.target)) == one.target.host_port(),
           "a target does not survive its text");
  }
  return 0;
}
