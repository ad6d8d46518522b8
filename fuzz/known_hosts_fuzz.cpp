// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include "ssh/known_hosts.hpp"

using namespace nigh::ssh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = nigh::unwrap(parse_public_key_line(
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBtBBmKKG06J2jLcxd8bb6QhrBmnAmbidbq1ox4zcMz"));
  static const std::vector<std::string> names = {"[web1]:7722", "web1"};
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)look_up(text, "known_hosts", names, key);
  if (auto line = known_hosts_line(text, key, size % 2 == 0))
    nigh::expect(nigh::unwrap(look_up(*line, "", std::vector{std::string(text)}, key)).line == 1,
                 "a line that was written is not found again");
  return 0;
}
