// SPDX-License-Identifier: Apache-2.0
#include "ssh/certificate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "ssh/key_type.hpp"
#include "ssh/signature.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

constexpr std::size_t kMaxPrincipals = 256;  // as in OpenSSH
constexpr std::size_t kMaxOptions = 256;

// Names and commands end at their first NUL for other programs: refused, so that all see the same.
Result<std::string> text(std::string_view bytes) {
  if (bytes.find('\0') != bytes.npos)
    return fail(Errc::malformed, "a certificate has a NUL byte in a name");
  return std::string(bytes);
}

Result<std::vector<std::string>> parse_principals(std::string_view bytes) {
  std::vector<std::string> principals;
  wire::Reader in(bytes);
  while (in.ok() && !in.at_end()) {
    auto principal = text(in.string());
    if (!principal) return std::unexpected(principal.error());
    if (principals.size() == kMaxPrincipals)
      return fail(Errc::too_large, "a certificate has over 256 principals");
    principals.push_back(*std::move(principal));
  }
  if (!in.ok()) return fail(Errc::malformed, "a certificate's principals are cut short");
  return principals;
}

// Options that mean something to us have their data checked here, so that reading them cannot fail.
Result<void> check_option(std::string_view name, std::string_view data) {
  if (name == "verify-required" && !data.empty())
    return fail(Errc::malformed, "a certificate's verify-required has a value");
  if (name != "force-command" && name != "source-address") return {};
  wire::Reader in(data);
  auto value = in.string();
  if (auto whole = in.finish(fmt::format("a certificate's {}", name)); !whole) return whole;
  if (value.empty()) return fail(Errc::malformed, fmt::format("a certificate's {} is empty", name));
  if (auto plain = text(value); !plain) return std::unexpected(plain.error());
  return {};
}

Result<Certificate::Options> parse_options(std::string_view bytes) {
  Certificate::Options options;
  wire::Reader in(bytes);
  while (in.ok() && !in.at_end()) {
    auto name = text(in.string());
    auto data = in.string();
    if (!name) return std::unexpected(name.error());
    if (!in.ok()) break;
    if (auto checked = check_option(*name, data); !checked) return std::unexpected(checked.error());
    if (std::ranges::find(options, *name, &Certificate::Options::value_type::first) !=
        options.end())
      return fail(Errc::malformed, "a certificate has an option twice");
    if (options.size() == kMaxOptions)
      return fail(Errc::too_large, "a certificate has over 256 options");
    options.emplace_back(*std::move(name), data);
  }
  if (!in.ok()) return fail(Errc::malformed, "a certificate's options are cut short");
  return options;
}

// The fields between the key and the signature, as they stand.
struct RawFields {
  std::uint64_t serial;
  std::uint32_t type;
  std::string_view key_id, principals;
  std::uint64_t valid_after, valid_before;
  std::string_view critical_options, extensions, reserved, signing_key;
};

RawFields read_raw(wire::Reader& in) {
  return {.serial = in.u64(),
          .type = in.u32(),
          .key_id = in.string(),
          .principals = in.string(),
          .valid_after = in.u64(),
          .valid_before = in.u64(),
          .critical_options = in.string(),
          .extensions = in.string(),
          .reserved = in.string(),
          .signing_key = in.string()};
}

Result<PublicKey> parse_signing_key(std::string_view blob) {
  wire::Reader in(blob);
  // Before parsing: certificates do not chain, and must not make us recurse.
  if (find_certificate_type(in.string()) != nullptr)
    return fail(Errc::malformed, "a certificate is signed by another certificate");
  return parse_public_key(blob);
}

// One field after the other, stopping at the first that is wrong.
Result<Certificate> interpret(const RawFields& raw, PublicKey certified_key) {
  if (raw.type != 1 && raw.type != 2)
    return fail(Errc::malformed, fmt::format("a certificate has the unknown type {}", raw.type));
  auto key_id = text(raw.key_id);
  if (!key_id) return std::unexpected(key_id.error());
  auto principals = parse_principals(raw.principals);
  if (!principals) return std::unexpected(principals.error());
  auto critical_options = parse_options(raw.critical_options);
  if (!critical_options) return std::unexpected(critical_options.error());
  auto extensions = parse_options(raw.extensions);
  if (!extensions) return std::unexpected(extensions.error());
  auto signing_key = parse_signing_key(raw.signing_key);
  if (!signing_key) return std::unexpected(signing_key.error());
  return Certificate{.certified_key = std::move(certified_key),
                     .serial = raw.serial,
                     .type = static_cast<CertificateType>(raw.type),
                     .key_id = *std::move(key_id),
                     .principals = *std::move(principals),
                     .valid_after = raw.valid_after,
                     .valid_before = raw.valid_before,
                     .critical_options = *std::move(critical_options),
                     .extensions = *std::move(extensions),
                     .signing_key = *std::move(signing_key)};
}

Result<PublicKey> parse_certified_key(std::string_view type, std::string_view blob) {
  PublicKey whole{std::string(type), std::string(blob)};
  auto plain = plain_key(whole);
  if (is_certificate(plain)) return fail(Errc::malformed, "a certificate's key does not parse");
  return parse_public_key(plain.blob);
}

}  // namespace

Result<Certificate> parse_certificate(std::string_view blob) {
  if (blob.size() > kMaxKeyBlob) return fail(Errc::too_large, "a certificate is over 64 KiB long");
  wire::Reader in(blob);
  auto name = in.string();
  auto* type = find_certificate_type(name);
  if (type == nullptr) return fail(Errc::unsupported, "this key is not a certificate");
  auto certified_key = parse_certified_key(name, blob);
  if (!certified_key) return std::unexpected(certified_key.error());

  in.string();  // nonce
  if (auto fields = read_key_fields(in, *type); !fields) return std::unexpected(fields.error());
  auto raw = read_raw(in);
  auto signed_bytes = blob.substr(0, blob.size() - in.rest().size());
  auto signature = in.string();
  if (auto whole = in.finish("a certificate"); !whole) return std::unexpected(whole.error());
  auto certificate = interpret(raw, *std::move(certified_key));
  if (!certificate) return certificate;
  // A CA key in a FIDO device may sign without a touch: that was its owner's choice.
  auto good =
      verify(certificate->signing_key, signature, signed_bytes, {.require_presence = false});
  if (!good)
    return fail(good.error().code, "a certificate's CA signature: " + good.error().message);
  return certificate;
}

}  // namespace nigh::ssh
