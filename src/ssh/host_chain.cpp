// SPDX-License-Identifier: Apache-2.0
#include "ssh/host_chain.hpp"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <span>

#include "ssh/evp.hpp"
#include "ssh/key_type.hpp"

namespace nigh::ssh {
namespace {

using X509Handle = Owned<X509, X509_free>;

constexpr std::int64_t kBackdate = 3600;
constexpr int kSerialBits = 159;  // 20 bytes at most, and positive (RFC 5280 section 4.1.2.2)
constexpr const char* kHostName = "nigh host key";
constexpr const char* kLeafName = "nigh";

struct Extension {
  int nid;
  const char* value;
};
constexpr Extension kHostExtensions[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign"},
    {NID_subject_key_identifier, "hash"},
};
constexpr Extension kLeafExtensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_ext_key_usage, "serverAuth"},
    // Clients look at the host key and not at names; .invalid (RFC 2606) promises none.
    {NID_subject_alt_name, "DNS:nigh.invalid"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid"},
};

bool set_serial(X509* certificate) {
  Owned<BIGNUM, BN_free> serial(BN_new());
  return BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_name(X509_NAME* name, const char* common_name) {
  return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(common_name), -1, -1,
                                    0) == 1;
}

bool set_times(X509* certificate, std::int64_t not_before, std::int64_t not_after) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), not_before) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), not_after) != nullptr;
}

bool add_extensions(X509* certificate, X509* issuer, std::span<const Extension> extensions) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : extensions) {
    Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return false;
  }
  return true;
}

bool add_host_certificate(X509* certificate, std::string_view blob) {
  Owned<ASN1_OBJECT, ASN1_OBJECT_free> oid(OBJ_txt2obj(kHostCertificateOid, 1));
  Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> inner(ASN1_OCTET_STRING_new());
  Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> outer(ASN1_OCTET_STRING_new());
  auto* bytes = reinterpret_cast<const unsigned char*>(blob.data());
  if (!oid || !inner || !outer ||
      ASN1_OCTET_STRING_set(inner.get(), bytes, static_cast<int>(blob.size())) != 1)
    return false;
  unsigned char* der = nullptr;
  auto size = i2d_ASN1_OCTET_STRING(inner.get(), &der);
  if (size <= 0) return false;
  ASN1_STRING_set0(outer.get(), der, size);  // owns `der` now
  Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), 0, outer.get()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

const EVP_MD* digest_for(const PublicKey& key) {
  auto* type = find_key_type(key.type);
  expect(type != nullptr, "a private key of an unknown type");
  return signature_digest(*type, "rsa-sha2-256");
}

struct Validity {
  std::int64_t not_before;
  std::int64_t not_after;
};

// `issuer` null: self-signed. An empty `host_certificate`: there is none.
X509Handle make_certificate(const PrivateKey& host_key, EVP_PKEY* subject_key, const char* name,
                            X509* issuer, Validity validity,
                            std::string_view host_certificate = {}) {
  X509Handle certificate(X509_new());
  auto* x = certificate.get();
  bool leaf = issuer != nullptr;
  if (!leaf) issuer = x;
  bool made = X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
              set_name(X509_get_subject_name(x), name) &&
              X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1 &&
              set_times(x, validity.not_before, validity.not_after) &&
              X509_set_pubkey(x, subject_key) == 1 &&
              add_extensions(x, issuer,
                             leaf ? std::span<const Extension>(kLeafExtensions)
                                  : std::span<const Extension>(kHostExtensions)) &&
              (host_certificate.empty() || add_host_certificate(x, host_certificate)) &&
              X509_sign(x, host_key.handle(), digest_for(host_key.public_key())) > 0;
  return made ? std::move(certificate) : X509Handle();
}

std::string der_of(const X509* certificate) {
  auto size = i2d_X509(certificate, nullptr);
  expect(size > 0, "libcrypto cannot encode a certificate that it made");
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &out);
  return der;
}

Secret der_of(const EVP_PKEY* key) {
  Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(EVP_PKEY2PKCS8(key));
  auto size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr) : 0;
  expect(size > 0, "libcrypto cannot encode a key that it made");
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_PKCS8_PRIV_KEY_INFO(info.get(), &out);
  return Secret(std::move(der));
}

}  // namespace

Result<HostChain> make_host_chain(const PrivateKey& host_key, std::int64_t unix_now,
                                  std::chrono::seconds lifetime,
                                  const std::optional<std::string>& host_certificate) {
  std::string_view blob = host_certificate ? *host_certificate : std::string_view();
  if (blob.size() > kMaxHostCertificate)
    return fail(Errc::too_large,
                fmt::format("a host certificate is over {} KiB long", kMaxHostCertificate >> 10));
  ErrorQueueGuard guard;
  Validity validity{unix_now - kBackdate, unix_now + lifetime.count()};
  KeyHandle leaf_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (!leaf_key) return fail(Errc::system, "libcrypto cannot make a P-256 key");
  auto host = make_certificate(host_key, host_key.handle(), kHostName, nullptr, validity, blob);
  if (!host) return fail(Errc::system, "libcrypto cannot make a certificate of the host key");
  auto leaf = make_certificate(host_key, leaf_key.get(), kLeafName, host.get(), validity);
  if (!leaf) return fail(Errc::system, "libcrypto cannot sign a certificate with the host key");
  return HostChain{der_of(leaf_key.get()), der_of(leaf.get()), der_of(host.get())};
}

}  // namespace nigh::ssh
