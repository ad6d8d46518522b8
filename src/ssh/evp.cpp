// SPDX-License-Identifier: Apache-2.0
#include "ssh/evp.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "ssh/key_type.hpp"

namespace nigh::ssh {
namespace {

using Bignum = Owned<BIGNUM, BN_free>;
using Builder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using Context = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

const unsigned char* bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}
Bignum bignum(std::string_view magnitude) {
  return Bignum(BN_bin2bn(bytes(magnitude), static_cast<int>(magnitude.size()), nullptr));
}

KeyHandle from_params(const char* algorithm, OSSL_PARAM_BLD* builder) {
  Params params(OSSL_PARAM_BLD_to_param(builder));
  Context context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (params && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    key = nullptr;
  return KeyHandle(key);
}

KeyHandle ecdsa_handle(const KeyType& type, std::string_view point) {
  Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, type.group.data(),
                                  type.group.size());
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  return from_params("EC", builder.get());
}

KeyHandle rsa_handle(const KeyFields& fields) {
  auto modulus = bignum(fields.modulus);
  auto exponent = bignum(fields.exponent);
  Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return from_params("RSA", builder.get());
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
