// SPDX-License-Identifier: Apache-2.0
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>

#include "ssh/private_fields.hpp"

namespace nigh::ssh {
namespace {

// Room for the largest key, so that the string never moves and leaves a copy behind.
constexpr std::size_t kRoom = 16 * 1024;

void append_string(std::string& out, std::string_view bytes) {
  out += wire::Writer().u32(static_cast<std::uint32_t>(bytes.size())).str();
  out += bytes;
  expect(out.size() <= kRoom, "a private key larger than any can be");
}

void append_number(std::string& out, const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  expect(EVP_PKEY_get_bn_param(key, name, &raw) == 1, "a private key without its numbers");
  Owned<BIGNUM, BN_clear_free> number(raw);
  // One zero byte in front where the top bit is set (an mpint has a sign).
  auto size = static_cast<std::size_t>(BN_num_bits(raw) / 8 + 1);
  std::string magnitude(size, '\0');
  BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(magnitude.data()), static_cast<int>(size));
  Secret bytes(std::move(magnitude));
  append_string(out, bytes.expose());
}

void append_ed25519(std::string& out, const EVP_PKEY* key) {
  std::array<unsigned char, 2 * kEd25519Bytes> pair;
  auto seed_size = kEd25519Bytes;
  auto point_size = kEd25519Bytes;
  bool done = EVP_PKEY_get_raw_private_key(key, pair.data(), &seed_size) == 1 &&
              EVP_PKEY_get_raw_public_key(key, pair.data() + kEd25519Bytes, &point_size) == 1;
  expect(done, "an Ed25519 key without its halves");
  std::string_view whole(reinterpret_cast<const char*>(pair.data()), pair.size());
  append_string(out, whole.substr(kEd25519Bytes));
  append_string(out, whole);
  OPENSSL_cleanse(pair.data(), pair.size());
}

void append_ecdsa(std::string& out, const EVP_PKEY* key, const PublicKey& public_key) {
  wire::Reader in(public_key.blob);
  in.string();  // type; curve and point are as in the public key
  out += in.rest();
  append_number(out, key, OSSL_PKEY_PARAM_PRIV_KEY);
}

void append_rsa(std::string& out, const EVP_PKEY* key) {
  for (auto* name :
       {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
        OSSL_PKEY_PARAM_RSA_COEFFICIENT1, OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2})
    append_number(out, key, name);
}

}  // namespace

Secret private_fields(const evp_pkey_st* key, const PublicKey& public_key) {
  auto* type = find_key_type(public_key.type);
  expect(type != nullptr, "a private key of an unknown type");
  std::string out;
  out.reserve(kRoom);
  append_string(out, type->name);
  if (type->family == KeyFamily::ed25519) append_ed25519(out, key);
  if (type->family == KeyFamily::ecdsa) append_ecdsa(out, key, public_key);
  if (type->family == KeyFamily::rsa) append_rsa(out, key);
  return Secret(std::move(out));
}

}  // namespace nigh::ssh
