// SPDX-License-Identifier: Apache-2.0
// Makes libcrypto's key objects from their numbers. For the .cpp files of this folder.
#pragma once

#include <memory>
#include <string_view>

#include "ssh/evp.hpp"

struct bignum_st;
struct ossl_param_bld_st;

namespace nigh::ssh {

struct FreeNumber {
  void operator()(bignum_st* number) const;  // wipes it
};
using Bignum = std::unique_ptr<bignum_st, FreeNumber>;

Bignum bignum(std::string_view magnitude);  // big-endian

// What is passed in must live until the key is made.
class KeyBuilder {
 public:
  KeyBuilder();
  ~KeyBuilder();
  KeyBuilder(const KeyBuilder&) = delete;
  KeyBuilder& operator=(const KeyBuilder&) = delete;

  KeyBuilder& text(const char* name, std::string_view value);
  KeyBuilder& octets(const char* name, std::string_view value);
  KeyBuilder& number(const char* name, const Bignum& value);

  // `algorithm` is "EC" or "RSA". Null if the numbers are not a key of that kind.
  KeyHandle public_key(const char* algorithm);
  KeyHandle private_key(const char* algorithm);

 private:
  KeyHandle make(const char* algorithm, int selection);

  ossl_param_bld_st* builder_;
};

}  // namespace nigh::ssh
