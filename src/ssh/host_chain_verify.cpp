// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "ssh/evp.hpp"
#include "ssh/host_chain.hpp"

namespace nigh::ssh {
namespace {

using X509Handle = Owned<X509, X509_free>;

constexpr int kMinSecurityBits = 112;  // SHA-1 and MD5 have less

Result<X509Handle> parse(std::string_view der, std::string_view what) {
  if (der.size() > kMaxCertificateDer)
    return fail(Errc::too_large, fmt::format("the server's {} is over 16 KiB long", what));
  auto* in = reinterpret_cast<const unsigned char*>(der.data());
  auto* end = in + der.size();
  X509Handle certificate(d2i_X509(nullptr, &in, static_cast<long>(der.size())));
  if (!certificate || in != end || X509_get_version(certificate.get()) != X509_VERSION_3)
    return fail(Errc::malformed, fmt::format("the server's {} is not an X.509 certificate", what));
  return certificate;
}

Result<void> check_time(const X509* certificate, std::int64_t unix_now, std::string_view what) {
  std::time_t now = unix_now;
  // Minus one: at or before `now`; one: after it; zero: not a time.
  if (X509_cmp_time(X509_get0_notBefore(certificate), &now) != -1)
    return fail(Errc::refused,
                fmt::format("the server's {} is not valid yet; is a clock wrong?", what));
  if (X509_cmp_time(X509_get0_notAfter(certificate), &now) != 1)
    return fail(Errc::refused, fmt::format("the server's {} has expired; is a clock wrong?", what));
  return {};
}

Result<void> check_extensions(X509* certificate, bool must_be_ca, std::string_view what) {
  auto flags = X509_get_extension_flags(certificate);
  if ((flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) != 0)
    return fail(Errc::refused,
                fmt::format("the server's {} has extensions that are wrong or unknown", what));
  bool is_ca = (flags & EXFLAG_CA) != 0;
  auto usage = X509_get_key_usage(certificate);  // all bits where the extension is absent
  auto needed = must_be_ca ? KU_KEY_CERT_SIGN : KU_DIGITAL_SIGNATURE;
  if (is_ca != must_be_ca || (usage & static_cast<unsigned>(needed)) == 0)
    return fail(Errc::refused, fmt::format("the server's {} is not for this use", what));
  return {};
}

// One SSH key may be behind both; the key object is what X509_verify needs.
Result<void> check_signature(X509* certificate, EVP_PKEY* host_key, std::string_view what) {
  int security_bits = 0;
  bool known = X509_get_signature_info(certificate, nullptr, nullptr, &security_bits, nullptr) == 1;
  if (!known || security_bits < kMinSecurityBits)
    return fail(Errc::refused, fmt::format("the server's {} has a weak signature", what));
  if (X509_verify(certificate, host_key) != 1)
    return fail(Errc::refused, fmt::format("the server's {} was not signed by its host key", what));
  return {};
}

Result<void> check_one(X509* certificate, EVP_PKEY* host_key, bool must_be_ca,
                       std::int64_t unix_now, std::string_view what) {
  if (auto r = check_signature(certificate, host_key, what); !r) return r;
  if (auto r = check_extensions(certificate, must_be_ca, what); !r) return r;
  return check_time(certificate, unix_now, what);
}

std::unexpected<Error> bad_host_certificate() {
  return fail(Errc::malformed, "the server's SSH host certificate is not encoded as it must be");
}

// The caller has checked the signature.
Result<std::optional<std::string>> read_host_certificate(const X509* host) {
  Owned<ASN1_OBJECT, ASN1_OBJECT_free> oid(OBJ_txt2obj(kHostCertificateOid, 1));
  expect(oid != nullptr, "libcrypto does not take an object identifier of ours");
  auto at = X509_get_ext_by_OBJ(host, oid.get(), -1);
  if (at < 0) return std::nullopt;
  if (X509_get_ext_by_OBJ(host, oid.get(), at) >= 0) return bad_host_certificate();
  auto* value = X509_EXTENSION_get_data(X509_get_ext(host, at));
  auto* in = ASN1_STRING_get0_data(value);
  auto* end = in + ASN1_STRING_length(value);
  Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> blob(
      d2i_ASN1_OCTET_STRING(nullptr, &in, ASN1_STRING_length(value)));
  if (!blob || in != end) return bad_host_certificate();
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(blob.get())),
                     static_cast<std::size_t>(ASN1_STRING_length(blob.get())));
}

bool names_chain(const X509* leaf, const X509* host) {
  return X509_NAME_cmp(X509_get_issuer_name(host), X509_get_subject_name(host)) == 0 &&
         X509_NAME_cmp(X509_get_issuer_name(leaf), X509_get_subject_name(host)) == 0;
}

}  // namespace

Result<HostIdentity> verify_host_chain(std::string_view leaf_der, std::string_view host_der,
                                       std::int64_t unix_now) {
  ErrorQueueGuard guard;
  auto host = parse(host_der, "host certificate");
  if (!host) return std::unexpected(host.error());
  auto leaf = parse(leaf_der, "leaf certificate");
  if (!leaf) return std::unexpected(leaf.error());
  auto* host_key = X509_get0_pubkey(host->get());
  if (host_key == nullptr)
    return fail(Errc::unsupported, "the server's host key is of a kind that is not taken");
  // First, because it bounds the key's kind and size before anything is computed with it.
  auto key = to_public_key(host_key);
  if (!key) return std::unexpected(key.error());
  if (auto r = check_one(host->get(), host_key, true, unix_now, "host certificate"); !r)
    return std::unexpected(r.error());
  if (auto r = check_one(leaf->get(), host_key, false, unix_now, "leaf certificate"); !r)
    return std::unexpected(r.error());
  if (!names_chain(leaf->get(), host->get()))
    return fail(Errc::refused, "the server's certificates do not name each other");
  auto certificate = read_host_certificate(host->get());
  if (!certificate) return std::unexpected(certificate.error());
  return HostIdentity{*std::move(key), *std::move(certificate)};
}

}  // namespace nigh::ssh
