// SPDX-License-Identifier: Apache-2.0
// Is the server at the other end the one that was meant?
#pragma once

#include <nigh/types.hpp>

#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "client/progress.hpp"
#include "client/resolve.hpp"
#include "ssh/public_key.hpp"

namespace nigh::client {

struct HostCheck {
  std::string fingerprint;
  std::string how;     // "known (/home/ada/.ssh/known_hosts:3)"
  bool asked = false;  // a person decided, which took a person's time
};

// `chain` is what the TLS server proved to be, DER, leaf first. Success means that the host key is
// known, certified by a known authority, or was accepted just now and is remembered. A certificate
// that does not check counts as absent; `progress` hears why. Errors: Errc::unsupported (not a nigh
// server's chain), Errc::refused (mismatch, revoked, unknown and not accepted; the message says
// which and what to do), Errc::system. A file that cannot be read or understood refuses.
Result<HostCheck> check_host(const Endpoint& endpoint, const std::vector<std::string>& chain,
                             const std::function<bool(const UnknownHostKey&)>& confirm,
                             std::int64_t unix_now, const Progress& progress);

}  // namespace nigh::client
