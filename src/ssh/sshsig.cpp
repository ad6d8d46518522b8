// SPDX-License-Identifier: Apache-2.0
#include "ssh/sshsig.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "ssh/armor.hpp"
#include "ssh/random.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

constexpr std::string_view kMagic = "SSHSIG";
constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kLabel = "SSH SIGNATURE";
constexpr std::string_view kOwnHash = "sha512";

Result<void> check_names(Errc code, std::string_view name_space, std::string_view hash) {
  if (name_space.empty()) return fail(code, "a signature has no namespace");
  if (hash != "sha256" && hash != "sha512")
    return fail(code, fmt::format("\"{}\" is not a hash for signatures; sha256 and sha512 are",
                                  printable(hash.substr(0, 64))));
  return {};
}

}  // namespace

Result<Sshsig> parse_sshsig(std::string_view blob) {
  if (blob.size() > kMaxSshsigBlob) return fail(Errc::too_large, "an SSH signature is over 80 KiB");
  wire::Reader in(blob);
  if (in.bytes(kMagic.size()) != kMagic) return fail(Errc::malformed, "this is no SSH signature");
  auto version = in.u32();
  if (in.ok() && version != kVersion)
    return fail(Errc::unsupported, fmt::format("an SSH signature has version {}", version));
  auto key_blob = in.string();
  auto name_space = in.string();
  auto reserved = in.string();
  auto hash = in.string();
  auto signature = in.string();
  if (auto whole = in.finish("an SSH signature"); !whole) return std::unexpected(whole.error());
  // Nothing signs this field, and nobody writes it: a signature has one form only.
  if (!reserved.empty()) return fail(Errc::malformed, "an SSH signature has reserved bytes");
  if (auto names = check_names(Errc::malformed, name_space, hash); !names)
    return std::unexpected(names.error());
  auto key = parse_public_key(key_blob);
  if (!key) return std::unexpected(key.error());
  return Sshsig{*std::move(key), std::string(name_space), std::string(hash),
                std::string(signature)};
}

std::string encode(const Sshsig& sshsig) {
  return wire::Writer()
      .bytes(kMagic)
      .u32(kVersion)
      .string(sshsig.key.blob)
      .string(sshsig.name_space)
      .string("")
      .string(sshsig.hash_algorithm)
      .string(sshsig.signature)
      .str();
}

std::string armor_sshsig(std::string_view blob) {
  return std::string(armor(kLabel, blob).expose());
}

Result<std::string> dearmor_sshsig(std::string_view text) {
  auto blob = dearmor(kLabel, text);
  if (!blob) return std::unexpected(blob.error());
  return std::string(blob->expose());
}

Result<std::string> sshsig_signed_data(std::string_view name_space, std::string_view hash_algorithm,
                                       std::string_view message) {
  if (auto names = check_names(Errc::usage, name_space, hash_algorithm); !names)
    return std::unexpected(names.error());
  return wire::Writer()
      .bytes(kMagic)
      .string(name_space)
      .string("")
      .string(hash_algorithm)
      .string(hash_algorithm == "sha512" ? sha512(message) : sha256(message))
      .str();
}

Result<std::string> sign_sshsig(const PrivateKey& key, std::string_view name_space,
                                std::string_view message) {
  auto data = sshsig_signed_data(name_space, kOwnHash, message);
  if (!data) return data;
  auto signature = key.sign(*data);
  if (!signature) return signature;
  return sshsig_from_signature(key.public_key(), name_space, kOwnHash, *signature);
}

std::string sshsig_from_signature(PublicKey key, std::string_view name_space,
                                  std::string_view hash_algorithm,
                                  std::string_view signature_blob) {
  return encode({std::move(key), std::string(name_space), std::string(hash_algorithm),
                 std::string(signature_blob)});
}

Result<void> verify_sshsig(const Sshsig& sshsig, std::string_view expected_namespace,
                           std::string_view message, const VerifyOptions& options) {
  if (sshsig.name_space != expected_namespace)
    return fail(Errc::refused, fmt::format("a signature for \"{}\" cannot be used for \"{}\"",
                                           printable(sshsig.name_space), expected_namespace));
  auto data = sshsig_signed_data(sshsig.name_space, sshsig.hash_algorithm, message);
  if (!data) return std::unexpected(data.error());
  return verify(plain_key(sshsig.key), sshsig.signature, *data, options);
}

}  // namespace nigh::ssh
