// SPDX-License-Identifier: Apache-2.0
#include "ssh/key_builder.hpp"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

namespace nigh::ssh {
namespace {

// OSSL_PARAM_free leaves the numbers in the memory that it frees.
void wipe_params(OSSL_PARAM* params) {
  for (auto* p = params; p != nullptr && p->key != nullptr; ++p)
    OPENSSL_cleanse(p->data, p->data_size);
  OSSL_PARAM_free(params);
}

using Params = Owned<OSSL_PARAM, wipe_params>;
using Context = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

}  // namespace

void FreeNumber::operator()(bignum_st* number) const { BN_clear_free(number); }

Bignum bignum(std::string_view magnitude) {
  return Bignum(BN_bin2bn(reinterpret_cast<const unsigned char*>(magnitude.data()),
                          static_cast<int>(magnitude.size()), nullptr));
}

KeyBuilder::KeyBuilder() : builder_(OSSL_PARAM_BLD_new()) {}
KeyBuilder::~KeyBuilder() { OSSL_PARAM_BLD_free(builder_); }

KeyBuilder& KeyBuilder::text(const char* name, std::string_view value) {
  OSSL_PARAM_BLD_push_utf8_string(builder_, name, value.data(), value.size());
  return *this;
}
KeyBuilder& KeyBuilder::octets(const char* name, std::string_view value) {
  OSSL_PARAM_BLD_push_octet_string(builder_, name, value.data(), value.size());
  return *this;
}
KeyBuilder& KeyBuilder::number(const char* name, const Bignum& value) {
  OSSL_PARAM_BLD_push_BN(builder_, name, value.get());
  return *this;
}

KeyHandle KeyBuilder::public_key(const char* algorithm) {
  return make(algorithm, EVP_PKEY_PUBLIC_KEY);
}
KeyHandle KeyBuilder::private_key(const char* algorithm) {
  return make(algorithm, EVP_PKEY_KEYPAIR);
}

KeyHandle KeyBuilder::make(const char* algorithm, int selection) {
  Params params(OSSL_PARAM_BLD_to_param(builder_));
  Context context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (params && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1)
    key = nullptr;
  return KeyHandle(key);
}

}  // namespace nigh::ssh
