// SPDX-License-Identifier: Apache-2.0
#include "ssh/private_key.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "ssh/ecdsa_der.hpp"
#include "ssh/key_type.hpp"
#include "ssh/openssh_key_file.hpp"
#include "ssh/private_fields.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

// libcrypto calls this when the file is encrypted; it must not ask the terminal by itself.
int note_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

// PEM is read without a look at whether the numbers belong together. So make the key anew from the
// numbers, as if they had come in OpenSSH's format, which is checked.
Result<KeyHandle> checked(const EVP_PKEY* key) {
  auto public_key = to_public_key(key);
  if (!public_key) return std::unexpected(public_key.error());
  auto fields = private_fields(key, *public_key);
  if (!fields) return std::unexpected(fields.error());
  wire::Reader in(fields->expose());
  return read_private_fields(in, *find_key_type(in.string()));
}

Result<KeyHandle> parse_pem(std::string_view text) {
  Owned<BIO, BIO_free_all> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  bool asked = false;
  KeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, note_passphrase, &asked));
  if (asked)
    return fail(
        Errc::unsupported,
        "the key file is encrypted with a passphrase; add the key to an agent with ssh-add");
  if (!key) return fail(Errc::malformed, "the file is not a private key in OpenSSH or PEM form");
  return checked(key.get());
}

Result<std::string> sign_natively(EVP_PKEY* key, const EVP_MD* digest, std::string_view data) {
  Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  auto size = out.size();
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                     reinterpret_cast<const unsigned char*>(data.data()), data.size()) != 1)
    return fail(Errc::malformed, "the private key cannot sign; it may be damaged");
  out.resize(size);
  return out;
}

}  // namespace

Result<PrivateKey> make_private_key(KeyHandle handle) {
  auto key = to_public_key(handle.get());
  if (!key) return std::unexpected(key.error());
  return PrivateKey(std::move(handle), *std::move(key));
}

Result<PrivateKey> PrivateKey::parse(std::string_view file_text) {
  ErrorQueueGuard guard;
  if (file_text.size() > kMaxPrivateKeyFile)
    return fail(Errc::too_large, "a private key file is over 256 KiB long");
  auto handle =
      is_openssh_key_file(file_text) ? parse_openssh_key(file_text) : parse_pem(file_text);
  if (!handle) return std::unexpected(handle.error());
  return make_private_key(*std::move(handle));
}

Result<PrivateKey> PrivateKey::generate_ed25519() {
  ErrorQueueGuard guard;
  KeyHandle handle(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!handle) return fail(Errc::system, "libcrypto cannot make an Ed25519 key");
  return make_private_key(std::move(handle));
}

Result<std::string> PrivateKey::sign(std::string_view data) const {
  ErrorQueueGuard guard;
  auto* type = find_key_type(public_key_.type);
  expect(handle_ != nullptr && type != nullptr, "signing with a key that was moved from");
  auto algorithm = type->family == KeyFamily::rsa ? "rsa-sha2-512" : type->name;
  auto signature = sign_natively(handle_.get(), signature_digest(*type, algorithm), data);
  if (!signature) return signature;
  if (type->family == KeyFamily::ecdsa) signature = ecdsa_from_der(*signature);
  return wire::Writer().string(algorithm).string(*signature).str();
}

Secret PrivateKey::to_openssh_text(std::string_view comment) const {
  return openssh_key_text(handle_.get(), public_key_, comment);
}

Result<PublicKey> public_half(std::string_view file_text) {
  if (file_text.size() > kMaxPrivateKeyFile)
    return fail(Errc::too_large, "a private key file is over 256 KiB long");
  if (!is_openssh_key_file(file_text))
    return fail(Errc::unsupported,
                "only an OPENSSH PRIVATE KEY file shows its public key; look for the .pub file");
  return openssh_public_half(file_text);
}

}  // namespace nigh::ssh
