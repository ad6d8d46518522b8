// SPDX-License-Identifier: Apache-2.0
// string leaf, string host: certificates as a hostile server would send them.
#include "ssh/host_chain.hpp"

#include <cstdint>

#include "wire/reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nigh::wire::Reader in({reinterpret_cast<const char*>(data), size});
  auto leaf = in.string();
  auto host = in.string();
  (void)nigh::ssh::verify_host_chain(leaf, host, 1'800'000'000);
  return 0;
}
