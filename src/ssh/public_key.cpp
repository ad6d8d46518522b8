// SPDX-License-Identifier: Apache-2.0
#include "ssh/public_key.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "ssh/certificate.hpp"
#include "ssh/evp.hpp"
#include "ssh/key_type.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::ssh {
namespace {

Result<PublicKey> unknown_type(std::string_view type) {
  if (type == "ssh-dss")
    return fail(Errc::unsupported, "DSA keys are too weak to be taken; make an Ed25519 key");
  return fail(Errc::unsupported,
              fmt::format("\"{}\" is not a key type that is known", printable(type.substr(0, 64))));
}

Result<PublicKey> parse_certificate_key(std::string_view type, std::string_view blob) {
  if (auto certificate = parse_certificate(blob); !certificate)
    return std::unexpected(certificate.error());
  return PublicKey{std::string(type), std::string(blob)};
}

}  // namespace

Result<PublicKey> parse_public_key(std::string_view blob) {
  if (blob.size() > kMaxKeyBlob) return fail(Errc::too_large, "a public key is over 64 KiB long");
  wire::Reader in(blob);
  auto name = in.string();
  if (!in.ok()) return fail(Errc::malformed, "a public key is cut short");
  if (find_certificate_type(name) != nullptr) return parse_certificate_key(name, blob);
  auto* type = find_key_type(name);
  if (type == nullptr) return unknown_type(name);

  if (auto fields = read_key_fields(in, *type); !fields) return std::unexpected(fields.error());
  if (auto whole = in.finish(fmt::format("a {} key", name)); !whole)
    return std::unexpected(whole.error());
  PublicKey key{std::string(name), std::string(blob)};
  // Only a curve has conditions that lengths do not show; a key object is how libcrypto checks
  // them.
  if (type->family == KeyFamily::ecdsa)
    if (auto handle = to_handle(key); !handle) return std::unexpected(handle.error());
  return key;
}

Result<PublicKey> parse_public_key_line(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.find('\n') != line.npos) return fail(Errc::malformed, "a public key has several lines");
  line = trim(line);
  auto gap = line.find_first_of(" \t");
  if (gap == line.npos)
    return fail(Errc::malformed, "a public key line has no base64 after its type");
  auto rest = trim(line.substr(gap));
  auto blob = wire::base64_decode(rest.substr(0, rest.find_first_of(" \t")));
  if (!blob) return std::unexpected(blob.error());
  auto key = parse_public_key(*blob);
  if (key && key->type != line.substr(0, gap))
    return fail(Errc::malformed, fmt::format("a public key line says \"{}\" but holds a {} key",
                                             printable(line.substr(0, gap)), key->type));
  return key;
}

std::string to_line(const PublicKey& key) { return key.type + ' ' + wire::base64(key.blob); }

std::string fingerprint(const PublicKey& key) {
  return "SHA256:" + wire::base64_unpadded(sha256(plain_key(key).blob));
}

bool is_certificate(const PublicKey& key) { return find_certificate_type(key.type) != nullptr; }

PublicKey plain_key(const PublicKey& key) {
  auto* type = find_certificate_type(key.type);
  if (type == nullptr) return key;
  wire::Reader in(key.blob);
  in.string();  // type
  in.string();  // nonce
  auto fields = in.rest();
  if (!read_key_fields(in, *type)) return key;
  wire::Writer plain;
  plain.string(type->name).bytes(fields.substr(0, fields.size() - in.rest().size()));
  return {std::string(type->name), std::move(plain).str()};
}

}  // namespace nigh::ssh
