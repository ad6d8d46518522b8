// SPDX-License-Identifier: Apache-2.0
#include "ssh/private_fields.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>

#include "ssh/key_builder.hpp"

namespace nigh::ssh {
namespace {

using BnContext = Owned<BN_CTX, BN_CTX_free>;
using Context = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

const unsigned char* bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

Result<KeyHandle> mismatch(const KeyType& type) {
  return fail(
      Errc::malformed,
      fmt::format("the private half of a {} key does not belong to its public half", type.name));
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
  auto key = KeyBuilder()
                 .text(OSSL_PKEY_PARAM_GROUP_NAME, type.group)
                 .octets(OSSL_PKEY_PARAM_PUB_KEY, fields->point)
                 .number(OSSL_PKEY_PARAM_PRIV_KEY, scalar)
                 .private_key("EC");
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
  auto key = KeyBuilder()
                 .number(OSSL_PKEY_PARAM_RSA_N, numbers->n)
                 .number(OSSL_PKEY_PARAM_RSA_E, numbers->e)
                 .number(OSSL_PKEY_PARAM_RSA_D, numbers->d)
                 .number(OSSL_PKEY_PARAM_RSA_FACTOR1, numbers->p)
                 .number(OSSL_PKEY_PARAM_RSA_FACTOR2, numbers->q)
                 .number(OSSL_PKEY_PARAM_RSA_EXPONENT1, dp)
                 .number(OSSL_PKEY_PARAM_RSA_EXPONENT2, dq)
                 .number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, numbers->inverse)
                 .private_key("RSA");
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
