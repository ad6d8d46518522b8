// SPDX-License-Identifier: Apache-2.0
#include "ssh/random.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <limits>

#include "base/error.hpp"

namespace nigh::ssh {
namespace {

std::string digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(algorithm)), '\0');
  auto done = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                         nullptr, algorithm, nullptr);
  expect(done == 1, "libcrypto cannot compute SHA-2");
  return out;
}

}  // namespace

std::string random_bytes(std::size_t count) {
  expect(count <= std::numeric_limits<int>::max(), "too many random bytes asked for");
  std::string out(count, '\0');
  auto done = RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count));
  expect(done == 1, "libcrypto has no randomness");
  return out;
}

std::string sha256(std::string_view bytes) { return digest(EVP_sha256(), bytes); }
std::string sha512(std::string_view bytes) { return digest(EVP_sha512(), bytes); }

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace nigh::ssh
