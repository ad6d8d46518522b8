// SPDX-License-Identifier: Apache-2.0
// Any bytes as a public key or certificate: what parses comes out again as it went in.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ssh/certificate.hpp"
#include "ssh/public_key.hpp"

using namespace nigh::ssh;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view in(reinterpret_cast<const char*>(data), size);
  (void)parse_public_key_line(in);
  auto key = parse_public_key(in);
  if (key && (key->blob != in || parse_public_key_line(to_line(*key)) != *key)) abort();
  if (key && fingerprint(*key) != fingerprint(plain_key(*key))) abort();
  auto certificate = parse_certificate(in);
  if (!certificate) return 0;
  if (certificate->certified_key != plain_key(*key)) abort();
  (void)certificate->force_command();
  (void)certificate->source_address();
  (void)check_certificate(*certificate, CertificateType::user, "alice", 1'500'000'000);
  return 0;
}
