// SPDX-License-Identifier: Apache-2.0
// Between the private fields of OpenSSH's key files and libcrypto's key objects.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "ssh/evp.hpp"
#include "ssh/key_type.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {

// Reads what follows the type name in the private section. Errc::malformed also if the private
// numbers do not belong to the public ones: such a key gives its secret away when it signs.
Result<KeyHandle> read_private_fields(wire::Reader& in, const KeyType& type);

// The reverse, type name included. Errc::malformed for a key object that lacks numbers or has
// absurd ones, as one from a PEM file may.
Result<Secret> private_fields(const evp_pkey_st* key, const PublicKey& public_key);

}  // namespace nigh::ssh
