// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "ssh/evp.hpp"
#include "ssh/key_type.hpp"

namespace nigh::ssh {
namespace {

// What an X.509 certificate may hold besides: bounded before it is copied about.
constexpr int kMaxBits = 16384;

Result<std::string> number(const EVP_PKEY* key, const char* name, int width = 0) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1)
    return fail(Errc::malformed, fmt::format("a key lacks its {}", name));
  Owned<BIGNUM, BN_free> value(raw);
  auto size = std::max(width, BN_num_bytes(raw));
  std::string out(static_cast<std::size_t>(size), '\0');
  BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(out.data()), size);
  return out;
}

Result<std::string> ed25519_blob(const EVP_PKEY* key) {
  std::string point(kEd25519Bytes, '\0');
  auto size = point.size();
  if (EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(point.data()), &size) !=
          1 ||
      size != kEd25519Bytes)
    return fail(Errc::malformed, "an Ed25519 key lacks its public half");
  return wire::Writer().string("ssh-ed25519").string(point).str();
}

Result<const KeyType*> curve_of(const EVP_PKEY* key) {
  // Parameters spelled out could be those of a well-known curve but for the generator, which would
  // let anybody make the private key of a public one (CVE-2020-0601).
  int is_explicit = 0;
  EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
  std::array<char, 64> group = {};
  std::size_t size = 0;
  if (is_explicit != 0 || EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
                                                         group.data(), group.size(), &size) != 1)
    return fail(Errc::unsupported, "an elliptic-curve key does not name its curve");
  auto* type = find_curve(group.data());
  if (type == nullptr)
    return fail(Errc::unsupported, fmt::format("keys on the curve {} are not taken", group.data()));
  return type;
}

Result<std::string> ecdsa_blob(const EVP_PKEY* key) {
  auto type = curve_of(key);
  if (!type) return std::unexpected(type.error());
  auto width = static_cast<int>((*type)->coordinate_bytes);
  // By coordinates, because the point itself may have been stored in compressed form.
  auto x = number(key, OSSL_PKEY_PARAM_EC_PUB_X, width);
  if (!x) return x;
  auto y = number(key, OSSL_PKEY_PARAM_EC_PUB_Y, width);
  if (!y) return y;
  return wire::Writer().string((*type)->name).string((*type)->curve).string("\4" + *x + *y).str();
}

Result<std::string> rsa_blob(const EVP_PKEY* key) {
  auto exponent = number(key, OSSL_PKEY_PARAM_RSA_E);
  if (!exponent) return exponent;
  auto modulus = number(key, OSSL_PKEY_PARAM_RSA_N);
  if (!modulus) return modulus;
  wire::Writer out;
  out.string("ssh-rsa");
  put_mpint(out, *exponent);
  put_mpint(out, *modulus);
  return std::move(out).str();
}

Result<std::string> blob_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return ed25519_blob(key);
  if (EVP_PKEY_is_a(key, "EC") == 1) return ecdsa_blob(key);
  // Not RSA-PSS: its parameters may forbid the padding that SSH uses.
  if (EVP_PKEY_is_a(key, "RSA") == 1) return rsa_blob(key);
  return fail(Errc::unsupported, "only Ed25519, ECDSA (NIST curves) and RSA keys are taken");
}

}  // namespace

Result<PublicKey> to_public_key(const evp_pkey_st* key) {
  ErrorQueueGuard guard;
  if (EVP_PKEY_get_bits(key) > kMaxBits) return fail(Errc::unsupported, "a key is over 16384 bits");
  auto blob = blob_of(key);
  if (!blob) return std::unexpected(blob.error());
  return parse_public_key(*blob);
}

}  // namespace nigh::ssh
