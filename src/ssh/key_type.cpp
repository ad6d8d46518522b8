// SPDX-License-Identifier: Apache-2.0
#include "ssh/key_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace nigh::ssh {
namespace {

using enum KeyFamily;

constexpr auto kKeyTypes = std::to_array<KeyType>({
    {"ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", ed25519, false, "", "", 0},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256-cert-v01@openssh.com", ecdsa, false, "nistp256",
     "prime256v1", 32},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384-cert-v01@openssh.com", ecdsa, false, "nistp384",
     "secp384r1", 48},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521-cert-v01@openssh.com", ecdsa, false, "nistp521",
     "secp521r1", 66},
    {"ssh-rsa", "ssh-rsa-cert-v01@openssh.com", rsa, false, "", "", 0},
    {"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com", ed25519, true, "", "", 0},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", ecdsa,
     true, "nistp256", "prime256v1", 32},
});

constexpr std::size_t kMinModulusBits = 2048;
constexpr std::size_t kMaxModulusBits = 16384;
// A larger exponent only makes each verification dear; libcrypto has the same limit.
constexpr std::size_t kMaxExponentBits = 64;

template <class Member>
const KeyType* find(Member member, std::string_view value) {
  auto found = std::ranges::find(kKeyTypes, value, member);
  return found == kKeyTypes.end() ? nullptr : &*found;
}

std::size_t bits(std::string_view magnitude) {
  return magnitude.size() * 8 -
         static_cast<std::size_t>(std::countl_zero(static_cast<std::uint8_t>(magnitude.front())));
}
bool is_odd(std::string_view magnitude) { return (magnitude.back() & 1) != 0; }

Result<void> check_point(const KeyFields& fields, const KeyType& type, std::string_view curve) {
  if (curve != type.curve)
    return fail(Errc::malformed, fmt::format("a {} key names another curve", type.name));
  // SEC 1 also has compressed points and infinity; SSH keys (RFC 5656) come uncompressed.
  if (fields.point.size() != 1 + 2 * type.coordinate_bytes || fields.point.front() != 4)
    return fail(Errc::malformed, fmt::format("a {} key has no uncompressed point", type.name));
  return {};
}

Result<void> check_rsa(const KeyFields& fields) {
  auto size = bits(fields.modulus);
  if (size < kMinModulusBits || size > kMaxModulusBits)
    return fail(Errc::unsupported,
                fmt::format("an RSA key of {} bits is refused: {} to {} are taken", size,
                            kMinModulusBits, kMaxModulusBits));
  if (!is_odd(fields.modulus)) return fail(Errc::malformed, "an RSA key has an even modulus");
  if (!is_odd(fields.exponent) || fields.exponent == "\1" ||
      bits(fields.exponent) > kMaxExponentBits)
    return fail(Errc::malformed, "an RSA key has an unusable exponent");
  return {};
}

Result<void> read_rsa(wire::Reader& in, KeyFields& fields) {
  auto exponent = read_positive_mpint(in);
  if (!exponent) return std::unexpected(exponent.error());
  auto modulus = read_positive_mpint(in);
  if (!modulus) return std::unexpected(modulus.error());
  fields.exponent = *exponent;
  fields.modulus = *modulus;
  return check_rsa(fields);
}

Result<void> read_family(wire::Reader& in, const KeyType& type, KeyFields& fields) {
  if (type.family == rsa) return read_rsa(in, fields);
  auto curve = type.family == ecdsa ? in.string() : std::string_view();
  fields.point = in.string();
  if (!in.ok()) return fail(Errc::malformed, fmt::format("a {} key is cut short", type.name));
  if (type.family == ecdsa) return check_point(fields, type, curve);
  if (fields.point.size() != kEd25519Bytes)
    return fail(Errc::malformed, fmt::format("a {} key is not 32 bytes long", type.name));
  return {};
}

}  // namespace

std::span<const KeyType> key_types() { return kKeyTypes; }
const KeyType* find_key_type(std::string_view name) { return find(&KeyType::name, name); }
const KeyType* find_certificate_type(std::string_view name) {
  return find(&KeyType::certificate_name, name);
}
const KeyType* find_curve(std::string_view group) {
  return group.empty() ? nullptr : find(&KeyType::group, group);
}

Result<KeyFields> read_key_fields(wire::Reader& in, const KeyType& type) {
  KeyFields fields;
  if (auto r = read_family(in, type, fields); !r) return std::unexpected(r.error());
  if (type.security_key) fields.application = in.string();
  if (!in.ok()) return fail(Errc::malformed, fmt::format("a {} key is cut short", type.name));
  return fields;
}

Result<std::string_view> read_positive_mpint(wire::Reader& in) {
  auto bytes = in.string();
  if (!in.ok()) return fail(Errc::malformed, "a number in a key or signature is cut short");
  auto top = [&](std::size_t i) { return (static_cast<std::uint8_t>(bytes[i]) & 0x80) != 0; };
  if (bytes.empty() || top(0))
    return fail(Errc::malformed, "a number in a key or signature is not positive");
  if (bytes[0] != 0) return bytes;
  if (bytes.size() == 1 || !top(1))
    return fail(Errc::malformed, "a number in a key or signature has needless zeros");
  return bytes.substr(1);
}

void put_mpint(wire::Writer& out, std::string_view magnitude) {
  magnitude.remove_prefix(std::min(magnitude.find_first_not_of('\0'), magnitude.size()));
  auto sign_bit = !magnitude.empty() && (static_cast<std::uint8_t>(magnitude[0]) & 0x80) != 0;
  out.u32(static_cast<std::uint32_t>(magnitude.size() + (sign_bit ? 1 : 0)));
  if (sign_bit) out.u8(0);
  out.bytes(magnitude);
}

}  // namespace nigh::ssh
