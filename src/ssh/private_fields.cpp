// SPDX-License-Identifier: Apache-2.0
#include "ssh/private_fields.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>

namespace nigh::ssh {
namespace {

// OSSL_PARAM_free leaves the numbers in the memory that it frees.
void wipe_params(OSSL_PARAM* params) {
  for (auto* p = params; p != nullptr && p->key != nullptr; ++p)
    OPENSSL_cleanse(p->data, p->data_size);
  OSSL_PARAM_free(params);
}

using Bignum = Owned<BIGNUM, BN_clear_free>;
using BnContext = Owned<BN_CTX, BN_CTX_free>;
using Builder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Owned<OSSL_PARAM, wipe_params>;
using Context = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

const unsigned char* bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}
Bignum bignum(std::string_view magnitude) {
  return Bignum(BN_bin2bn(bytes(magnitude), static_cast<int>(magnitude.size()), nullptr));
}

Result<KeyHandle> mismatch(const KeyType& type) {
  return fail(
      Errc::malformed,
      fmt::format("the private half of a {} key does not belong to its public half", type.name));
}

KeyHandle from_params(const char* algorithm, OSSL_PARAM_BLD* builder) {
  Params params(OSSL_PARAM_BLD_to_param(builder));
  Context context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (params && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1)
    key = nullptr;
  return KeyHandle(key);
}

Result<KeyHandle> read_ed25519(wire::Reader& in, const KeyType& type) {
  auto point = in.string();
  auto pair = in.string();  // seed, then the public half once more
  if (point.size() != kEd25519Bytes || pair.size() != 2 * kEd25519Bytes ||
      pair.substr(kEd25519Bytes) != point)
    return mismatch(type);
  KeyHandle key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes(pair), kEd25519Bytes));
  std::array<unsigned char, kEd25519Bytes> derived;
  auto size = derived.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), derived.data(), &size) != 1 ||
      std::string_view(reinterpret_cast<char*>(derived.data()), size) != point)
    return mismatch(type);
  return key;
}

Result<KeyHandle> read_ecdsa(wire::Reader& in, const KeyType& type) {
  auto fields = read_key_fields(in, type);
  if (!fields) return std::unexpected(fields.error());
  auto magnitude = read_positive_mpint(in);
  if (!magnitude) return std::unexpected(magnitude.error());
  if (magnitude->size() > type.coordinate_bytes) return mismatch(type);
  auto scalar = bignum(*magnitude);
  Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, type.group.data(),
                                  type.group.size());
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, fields->point.data(),
                                   fields->point.size());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get());
  auto key = from_params("EC", builder.get());
  Context context(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
  if (!context || EVP_PKEY_pairwise_check(context.get()) != 1) return mismatch(type);
  return key;
}

// The file's order: n, e, d, 1/q mod p, p, q.
struct RsaNumbers {
  Bignum n, e, d, inverse, p, q;
};

Result<RsaNumbers> read_rsa_numbers(wire::Reader& in) {
  std::array<Bignum, 6> number;
  for (auto& one : number) {
    auto magnitude = read_positive_mpint(in);
    if (!magnitude) return std::unexpected(magnitude.error());
    one = bignum(*magnitude);
  }
  return RsaNumbers{std::move(number[0]), std::move(number[1]), std::move(number[2]),
                    std::move(number[3]), std::move(number[4]), std::move(number[5])};
}

Bignum reduced(const BIGNUM* d, const BIGNUM* prime, BN_CTX* scratch) {  // d mod (prime - 1)
  Bignum less(BN_dup(prime));
  Bignum out(BN_new());
  BN_sub_word(less.get(), 1);
  BN_set_flags(less.get(), BN_FLG_CONSTTIME);
  BN_mod(out.get(), d, less.get(), scratch);
  return out;
}

// Whether a * b = 1 mod (modulus - less).
bool are_inverse(const BIGNUM* a, const BIGNUM* b, const BIGNUM* modulus, BN_ULONG less,
                 BN_CTX* scratch) {
  Bignum reduced_modulus(BN_dup(modulus));
  Bignum product(BN_new());
  return BN_sub_word(reduced_modulus.get(), less) == 1 &&
         BN_mod_mul(product.get(), a, b, reduced_modulus.get(), scratch) == 1 &&
         BN_is_one(product.get());
}

// All that ties the numbers to each other, without the costly tests that p and q are prime.
bool fit_together(const RsaNumbers& numbers, BN_CTX* scratch) {
  auto& [n, e, d, inverse, p, q] = numbers;
  Bignum product(BN_new());
  return !BN_is_one(p.get()) && !BN_is_one(q.get()) &&
         BN_mul(product.get(), p.get(), q.get(), scratch) == 1 &&
         BN_cmp(product.get(), n.get()) == 0 && BN_cmp(d.get(), n.get()) < 0 &&
         are_inverse(e.get(), d.get(), p.get(), 1, scratch) &&
         are_inverse(e.get(), d.get(), q.get(), 1, scratch) &&
         are_inverse(inverse.get(), q.get(), p.get(), 0, scratch);
}

Result<KeyHandle> read_rsa(wire::Reader& in, const KeyType& type) {
  auto numbers = read_rsa_numbers(in);
  if (!numbers) return std::unexpected(numbers.error());
  BnContext scratch(BN_CTX_secure_new());
  if (!fit_together(*numbers, scratch.get())) return mismatch(type);
  auto dp = reduced(numbers->d.get(), numbers->p.get(), scratch.get());
  auto dq = reduced(numbers->d.get(), numbers->q.get(), scratch.get());
  Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, numbers->n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, numbers->e.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, numbers->d.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_FACTOR1, numbers->p.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_FACTOR2, numbers->q.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_EXPONENT1, dp.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_EXPONENT2, dq.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_COEFFICIENT1, numbers->inverse.get());
  auto key = from_params("RSA", builder.get());
  return key ? Result<KeyHandle>(std::move(key)) : mismatch(type);
}

}  // namespace

Result<KeyHandle> read_private_fields(wire::Reader& in, const KeyType& type) {
  switch (type.family) {
    case KeyFamily::ed25519:
      return read_ed25519(in, type);
    case KeyFamily::ecdsa:
      return read_ecdsa(in, type);
    case KeyFamily::rsa:
      return read_rsa(in, type);
  }
  bug("a key family without a case");
}

}  // namespace nigh::ssh
