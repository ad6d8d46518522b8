// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "ssh/authorized_keys.hpp"

using namespace nigh::ssh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = nigh::unwrap(parse_public_key_line(
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBtBBmKKG06J2jLcxd8bb6QhrBmnAmbidbq1ox4zcMz"));
  static const KeyQuery query{key, "alice", "192.0.2.1", 1750000000};
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)find_key(text, "authorized_keys", query);
  (void)parse_key_options(text);
  return 0;
}
