// SPDX-License-Identifier: Apache-2.0
#include "ssh/evp.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "ssh/key_builder.hpp"
#include "ssh/key_type.hpp"

namespace nigh::ssh {
namespace {

const unsigned char* bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

KeyHandle ecdsa_handle(const KeyType& type, std::string_view point) {
  return KeyBuilder()
      .text(OSSL_PKEY_PARAM_GROUP_NAME, type.group)
      .octets(OSSL_PKEY_PARAM_PUB_KEY, point)
      .public_key("EC");
}

KeyHandle rsa_handle(const KeyFields& fields) {
  auto modulus = bignum(fields.modulus);
  auto exponent = bignum(fields.exponent);
  return KeyBuilder()
      .number(OSSL_PKEY_PARAM_RSA_N, modulus)
      .number(OSSL_PKEY_PARAM_RSA_E, exponent)
      .public_key("RSA");
}

KeyHandle make_handle(const KeyType& type, const KeyFields& fields) {
  switch (type.family) {
    case KeyFamily::ed25519:
      return KeyHandle(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(fields.point),
                                                   fields.point.size()));
    case KeyFamily::ecdsa:
      return ecdsa_handle(type, fields.point);
    case KeyFamily::rsa:
      return rsa_handle(fields);
  }
  bug("a key family without a case");
}

}  // namespace

const evp_md_st* signature_digest(const KeyType& type, std::string_view algorithm) {
  if (type.family == KeyFamily::ed25519) return nullptr;
  if (algorithm == "rsa-sha2-512" || type.curve == "nistp521") return EVP_sha512();
  return type.curve == "nistp384" ? EVP_sha384() : EVP_sha256();
}

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

ErrorQueueGuard::ErrorQueueGuard() { ERR_set_mark(); }
ErrorQueueGuard::~ErrorQueueGuard() { ERR_pop_to_mark(); }

Result<KeyHandle> to_handle(const PublicKey& key) {
  ErrorQueueGuard guard;
  auto* type = find_key_type(key.type);
  if (type == nullptr) return fail(Errc::usage, fmt::format("a {} is not a plain key", key.type));
  wire::Reader in(key.blob);
  in.string();  // type
  auto fields = read_key_fields(in, *type);
  if (!fields) return std::unexpected(fields.error());
  auto handle = make_handle(*type, *fields);
  if (!handle)
    return fail(Errc::malformed, fmt::format("a {} key is not on its curve", type->name));
  return handle;
}

}  // namespace nigh::ssh
