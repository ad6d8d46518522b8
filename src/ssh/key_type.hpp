// SPDX-License-Identifier: Apache-2.0
// The key types as a table, and the fields that each has in SSH's wire form.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {

enum class KeyFamily { ed25519, ecdsa, rsa };

struct KeyType {
  std::string_view name;
  std::string_view certificate_name;
  KeyFamily family;
  bool security_key;             // FIDO: has an application field, and its own form of signature
  std::string_view curve;        // ecdsa: SSH's name
  std::string_view group;        // ecdsa: libcrypto's name
  std::size_t coordinate_bytes;  // ecdsa: of one coordinate
};

std::span<const KeyType> key_types();
// nullptr if there is none of that name.
const KeyType* find_key_type(std::string_view name);
const KeyType* find_certificate_type(std::string_view name);
const KeyType* find_curve(std::string_view group);

// Views into the blob that was read.
struct KeyFields {
  std::string_view point;     // ed25519: the key; ecdsa: 0x04, x, y
  std::string_view modulus;   // rsa: big-endian magnitude
  std::string_view exponent;  // rsa: likewise
  std::string_view application;
};

inline constexpr std::size_t kEd25519Bytes = 32;

// Reads the fields after the type name, and checks lengths and ranges (not points on curves).
Result<KeyFields> read_key_fields(wire::Reader& in, const KeyType& type);

// Only numbers above zero occur in keys and signatures. Errc::malformed for a negative number, zero
// or a needless leading zero; else the magnitude's bytes, big-endian.
Result<std::string_view> read_positive_mpint(wire::Reader& in);
void put_mpint(wire::Writer& out, std::string_view magnitude);

}  // namespace nigh::ssh
