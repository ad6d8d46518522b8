// SPDX-License-Identifier: Apache-2.0
// For tests: a FIDO key in software. It signs as the device would (OpenSSH's PROTOCOL.u2f), with an
// ordinary Ed25519 or P-256 key inside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ssh/private_key.hpp"
#include "ssh/random.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh::for_test {

inline constexpr std::uint8_t kPresent = 0x01;
inline constexpr std::uint8_t kVerified = 0x04;

struct FidoKey {
  explicit FidoKey(PrivateKey inner, std::string_view application = "ssh:")
      : key(std::move(inner)), application(application) {
    type = "sk-" + key.public_key().type + "@openssh.com";
    wire::Reader in(key.public_key().blob);
    in.string();  // type
    public_key = {type, wire::Writer().string(type).bytes(in.rest()).string(application).str()};
  }

  std::string sign(std::string_view data, std::uint8_t flags = kPresent,
                   std::uint32_t counter = 7) const {
    auto asserted =
        wire::Writer().bytes(sha256(application)).u8(flags).u32(counter).bytes(sha256(data)).str();
    auto blob = unwrap(key.sign(asserted));
    wire::Reader in(blob);
    in.string();  // algorithm
    return wire::Writer().string(type).string(in.string()).u8(flags).u32(counter).str();
  }

  PrivateKey key;
  std::string application;
  std::string type;
  PublicKey public_key;
};

}  // namespace nigh::ssh::for_test
