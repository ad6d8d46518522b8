// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "server/config_file.hpp"

using namespace nigh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  server::Config config;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto applied = server::apply_config(text, "server.toml", config); !applied)
    expect(applied.error().message.starts_with("server.toml:"), "an error without its place");
  return 0;
}
