// SPDX-License-Identifier: Apache-2.0
// Any bytes as a signature, armored or not: what parses has one encoding only.
#include "ssh/sshsig.hpp"

#include <cstdint>
#include <cstdlib>

using namespace nigh::ssh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view in(reinterpret_cast<const char*>(data), size);
  if (auto blob = dearmor_sshsig(in); blob && dearmor_sshsig(armor_sshsig(*blob)) != *blob) abort();
  auto sshsig = parse_sshsig(in);
  if (!sshsig) return 0;
  if (encode(*sshsig) != in) abort();
  (void)verify_sshsig(*sshsig, sshsig->name_space, "message");
  return 0;
}
