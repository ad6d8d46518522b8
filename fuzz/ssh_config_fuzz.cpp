// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "ssh/ssh_config.hpp"

using namespace nigh::ssh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  SshConfigQuery query{.host = "web1", .home = "/home/a", .local_user = "a", .local_host = "b.c"};
  int files = 0;  // the text includes itself a few times at most: the limit has its own test
  ConfigReader read = [&](const std::string& name) -> nigh::Result<std::vector<ConfigText>> {
    if (++files > 8) return std::vector<ConfigText>();
    return std::vector{ConfigText{name, text}};
  };
  (void)resolve_ssh_host(query, read);
  (void)parse_ssh_G(query, text);
  return 0;
}
