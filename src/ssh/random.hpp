// SPDX-License-Identifier: Apache-2.0
// The few primitives that other layers take straight from libcrypto.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nigh::ssh {

// From the library's generator, for keys, tokens and nonces. Aborts if there is no randomness:
// nothing that asked for it could go on safely.
std::string random_bytes(std::size_t count);

std::string sha256(std::string_view bytes);  // 32 bytes
std::string sha512(std::string_view bytes);  // 64 bytes

// Takes the same time whatever the contents; the lengths are not secret.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace nigh::ssh
