// SPDX-License-Identifier: Apache-2.0
#include "server/worker/refusal.hpp"

namespace nigh::server {
namespace {

Trouble trouble_of(const Error& error) {
  switch (error.code) {
    case Errc::not_found:
      return Trouble::not_found;
    case Errc::refused:
      return Trouble::not_executable;
    case Errc::too_large:
      return Trouble::busy;
    default:
      return Trouble::internal;
  }
}

}  // namespace

std::unexpected<Refusal> refuse(const Error& error) {
  return refuse(trouble_of(error), error.message);
}

std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 500;
  return text.size() <= kMost ? text : text.substr(0, kMost) + "…";
}

}  // namespace nigh::server
