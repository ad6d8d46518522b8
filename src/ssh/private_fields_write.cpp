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

class FieldWriter {
 public:
  FieldWriter() { out_.reserve(kRoom); }
  ~FieldWriter() { Secret::wipe(out_); }
  FieldWriter(const FieldWriter&) = delete;
  FieldWriter& operator=(const FieldWriter&) = delete;

  void raw(std::string_view bytes) {
    ok_ = ok_ && bytes.size() <= kRoom - out_.size();
    if (ok_) out_ += bytes;
  }
  void string(std::string_view bytes) {
    raw(wire::Writer().u32(static_cast<std::uint32_t>(bytes.size())).str());
    raw(bytes);
  }
  void number(const EVP_PKEY* key, const char* name);
  void fail() { ok_ = false; }

  Result<Secret> finish() && {
    if (!ok_)
      return nigh::fail(Errc::malformed, "a private key's numbers are missing or too large");
    return Secret(std::move(out_));
  }

 private:
  std::string out_;
  bool ok_ = true;
};

void FieldWriter::number(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw_number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw_number) != 1) return fail();
  Owned<BIGNUM, BN_clear_free> number(raw_number);
  // One zero byte in front where the top bit is set (an mpint has a sign).
  auto size = static_cast<std::size_t>(BN_num_bits(raw_number)) / 8 + 1;
  if (size > kRoom || BN_is_zero(raw_number) || BN_is_negative(raw_number)) return fail();
  std::string magnitude(size, '\0');
  BN_bn2binpad(raw_number, reinterpret_cast<unsigned char*>(magnitude.data()),
               static_cast<int>(size));
  Secret bytes(std::move(magnitude));
  string(bytes.expose());
}

void write_ed25519(FieldWriter& out, const EVP_PKEY* key) {
  std::array<unsigned char, 2 * kEd25519Bytes> pair;
  auto seed_size = kEd25519Bytes;
  auto point_size = kEd25519Bytes;
  if (EVP_PKEY_get_raw_private_key(key, pair.data(), &seed_size) != 1 ||
      EVP_PKEY_get_raw_public_key(key, pair.data() + kEd25519Bytes, &point_size) != 1)
    out.fail();
  std::string_view whole(reinterpret_cast<const char*>(pair.data()), pair.size());
  out.string(whole.substr(kEd25519Bytes));
  out.string(whole);
  OPENSSL_cleanse(pair.data(), pair.size());
}

void write_ecdsa(FieldWriter& out, const EVP_PKEY* key, const PublicKey& public_key) {
  wire::Reader in(public_key.blob);
  in.string();  // type; curve and point are as in the public key
  out.raw(in.rest());
  out.number(key, OSSL_PKEY_PARAM_PRIV_KEY);
}

void write_rsa(FieldWriter& out, const EVP_PKEY* key) {
  for (auto* name :
       {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
        OSSL_PKEY_PARAM_RSA_COEFFICIENT1, OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2})
    out.number(key, name);
}

}  // namespace

Result<Secret> private_fields(const evp_pkey_st* key, const PublicKey& public_key) {
  auto* type = find_key_type(public_key.type);
  expect(type != nullptr, "a private key of an unknown type");
  FieldWriter out;
  out.string(type->name);
  if (type->family == KeyFamily::ed25519) write_ed25519(out, key);
  if (type->family == KeyFamily::ecdsa) write_ecdsa(out, key, public_key);
  if (type->family == KeyFamily::rsa) write_rsa(out, key);
  return std::move(out).finish();
}

}  // namespace nigh::ssh
