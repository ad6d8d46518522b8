// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>

#include <memory>
#include <span>

#include "base/text.hpp"
#include "files/hash.hpp"
#include "files/new_file.hpp"

namespace nigh::files {
namespace {

constexpr std::size_t kPiece = 256 * 1024;  // stays in the cache between reading and hashing

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

std::unexpected<Error> failed(const std::string& path) {
  return fail(Errc::system,
              "cannot compute SHA-256 of " + printable(path) + ": OpenSSL does not offer it here");
}

}  // namespace

Result<std::string> sha256_file(int fd, const std::string& path) {
  std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  if (context == nullptr || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
    return failed(path);
  std::string buffer(kPiece, '\0');
  for (std::uint64_t offset = 0;;) {
    auto got = read_full(fd, std::span(buffer), offset, path);
    if (!got) return std::unexpected(got.error());
    if (EVP_DigestUpdate(context.get(), buffer.data(), *got) != 1) return failed(path);
    offset += *got;
    if (*got < buffer.size()) break;
  }
  std::string digest(32, '\0');
  if (EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) !=
      1)
    return failed(path);
  return digest;
}

}  // namespace nigh::files
