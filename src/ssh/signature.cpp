// SPDX-License-Identifier: Apache-2.0
#include "ssh/signature.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <cstdint>

#include "base/text.hpp"
#include "ssh/ecdsa_der.hpp"
#include "ssh/evp.hpp"
#include "ssh/key_type.hpp"
#include "ssh/random.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

constexpr std::uint8_t kUserPresent = 0x01;
constexpr std::uint8_t kUserVerified = 0x04;

struct Parts {
  std::string_view algorithm;
  std::string_view signature;
  std::uint8_t flags = 0;     // FIDO only
  std::uint32_t counter = 0;  // FIDO only
};

Result<Parts> split(const KeyType& type, std::string_view blob) {
  wire::Reader in(blob);
  Parts parts{.algorithm = in.string(), .signature = in.string()};
  // The algorithm first: a blob of another kind has other fields after it.
  bool fits = type.family == KeyFamily::rsa
                  ? parts.algorithm == "rsa-sha2-256" || parts.algorithm == "rsa-sha2-512"
                  : parts.algorithm == type.name;
  if (in.ok() && !fits) {
    bool never = parts.algorithm == "ssh-rsa" || parts.algorithm.starts_with("webauthn-");
    return fail(never ? Errc::unsupported : Errc::refused,
                fmt::format("a {} key cannot be used with a signature of the kind \"{}\"",
                            type.name, printable(parts.algorithm.substr(0, 64))));
  }
  if (type.security_key) {
    parts.flags = in.u8();
    parts.counter = in.u32();
  }
  if (auto whole = in.finish("a signature"); !whole) return std::unexpected(whole.error());
  return parts;
}

// What the key signed: a FIDO device signs hashes, and what it has to say itself.
std::string fido_data(std::string_view application, const Parts& parts, std::string_view data) {
  return wire::Writer()
      .bytes(sha256(application))
      .u8(parts.flags)
      .u32(parts.counter)
      .bytes(sha256(data))
      .str();
}

// The signature as libcrypto takes it.
Result<std::string> native_form(const KeyType& type, const EVP_PKEY* key, std::string_view bytes) {
  if (type.family == KeyFamily::ecdsa) return ecdsa_to_der(bytes, type.coordinate_bytes);
  if (type.family == KeyFamily::ed25519) return std::string(bytes);
  auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
  if (bytes.empty() || bytes.size() > size)
    return fail(Errc::malformed, "an RSA signature is not as long as its key");
  // Some agents drop leading zero bytes, in one signature of 256; OpenSSH puts them back too.
  return std::string(size - bytes.size(), '\0').append(bytes);
}

bool verifies(EVP_PKEY* key, const EVP_MD* digest, std::string_view signature,
              std::string_view data) {
  Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  auto* s = reinterpret_cast<const unsigned char*>(signature.data());
  auto* d = reinterpret_cast<const unsigned char*>(data.data());
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), s, signature.size(), d, data.size()) == 1;
}

Result<void> check_flags(std::uint8_t flags, const VerifyOptions& options) {
  if (options.require_presence && (flags & kUserPresent) == 0)
    return fail(Errc::refused, "the FIDO key signed without being touched");
  if (options.require_verification && (flags & kUserVerified) == 0)
    return fail(Errc::refused, "the FIDO key signed without a PIN or fingerprint");
  return {};
}

std::string_view application_of(const PublicKey& key, const KeyType& type) {
  wire::Reader in(key.blob);
  in.string();  // type
  auto fields = read_key_fields(in, type);
  return fields ? fields->application : std::string_view();
}

}  // namespace

Result<void> verify(const PublicKey& key, std::string_view signature_blob, std::string_view data,
                    const VerifyOptions& options) {
  ErrorQueueGuard guard;
  auto* type = find_key_type(key.type);
  if (type == nullptr)
    return fail(Errc::usage, fmt::format("a {} does not verify signatures itself", key.type));
  auto parts = split(*type, signature_blob);
  if (!parts) return std::unexpected(parts.error());
  auto handle = to_handle(key);
  if (!handle) return std::unexpected(handle.error());
  auto signature = native_form(*type, handle->get(), parts->signature);
  if (!signature) return std::unexpected(signature.error());

  std::string wrapped;
  if (type->security_key) {
    wrapped = fido_data(application_of(key, *type), *parts, data);
    data = wrapped;
  }
  if (!verifies(handle->get(), signature_digest(*type, parts->algorithm), *signature, data))
    return fail(Errc::refused, fmt::format("the signature was not made by {} {} over this data",
                                           type->name, fingerprint(key)));
  return type->security_key ? check_flags(parts->flags, options) : Result<void>();
}

}  // namespace nigh::ssh
