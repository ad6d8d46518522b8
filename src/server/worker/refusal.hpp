// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "base/error.hpp"
#include "server/link/messages.hpp"

namespace nigh::server {

// Why a front does not get what it asked for.
struct Refusal {
  Trouble trouble;
  std::string message;  // for the person who asked
};

using Refused = std::expected<void, Refusal>;

inline std::unexpected<Refusal> refuse(Trouble trouble, std::string message) {
  return std::unexpected(Refusal{trouble, std::move(message)});
}
std::unexpected<Refusal> refuse(const Error& error);

// What a client sent may stand in messages and in the log, but not all of it.
std::string shortened(const std::string& text);

}  // namespace nigh::server
