// SPDX-License-Identifier: Apache-2.0
#include "ssh/ecdsa_der.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "ssh/evp.hpp"
#include "ssh/key_type.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

using Signature = Owned<ECDSA_SIG, ECDSA_SIG_free>;

BIGNUM* bignum(std::string_view magnitude) {
  return BN_bin2bn(reinterpret_cast<const unsigned char*>(magnitude.data()),
                   static_cast<int>(magnitude.size()), nullptr);
}

std::string magnitude(const BIGNUM* number) {
  std::string out(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string to_der(const ECDSA_SIG* signature) {
  auto size = i2d_ECDSA_SIG(signature, nullptr);
  expect(size > 0, "libcrypto cannot encode an ECDSA signature");
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(signature, &out);
  return der;
}

}  // namespace

Result<std::string> ecdsa_to_der(std::string_view ssh_form, std::size_t coordinate_bytes) {
  wire::Reader in(ssh_form);
  auto r = read_positive_mpint(in);
  if (!r) return std::unexpected(r.error());
  auto s = read_positive_mpint(in);
  if (!s) return std::unexpected(s.error());
  if (auto whole = in.finish("an ECDSA signature"); !whole) return std::unexpected(whole.error());
  if (r->size() > coordinate_bytes || s->size() > coordinate_bytes)
    return fail(Errc::malformed, "an ECDSA signature has a number larger than its curve");
  Signature signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), bignum(*r), bignum(*s));  // takes the numbers over
  return to_der(signature.get());
}

std::string ecdsa_from_der(std::string_view der) {
  auto* in = reinterpret_cast<const unsigned char*>(der.data());
  Signature signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  expect(signature != nullptr, "libcrypto made an ECDSA signature that it cannot read");
  wire::Writer out;
  put_mpint(out, magnitude(ECDSA_SIG_get0_r(signature.get())));
  put_mpint(out, magnitude(ECDSA_SIG_get0_s(signature.get())));
  return std::move(out).str();
}

}  // namespace nigh::ssh
