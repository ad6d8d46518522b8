// SPDX-License-Identifier: Apache-2.0
// Where a tunnel leads, as requests name it: what is understood survives being written again.
#include <cstdint>

#include "service/tunnel/target.hpp"

using namespace nigh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto target = tunnel::parse_host_port(text))
    expect(tunnel::parse_host_port(tunnel::to_text(*target)) == *target, "host and port changed");
  if (auto target = tunnel::parse_udp_rest(text))
    expect(tunnel::parse_udp_rest(tunnel::udp_path(*target).substr(tunnel::kUdpPath.size())) ==
               *target,
           "a target of UDP changed");
  if (auto path = tunnel::parse_unix_segment(text))
    expect(tunnel::parse_unix_segment(tunnel::unix_path(*path).substr(tunnel::kUnixPath.size())) ==
               *path,
           "a socket's path changed");
  return 0;
}
