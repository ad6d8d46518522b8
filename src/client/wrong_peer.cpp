// SPDX-License-Identifier: Apache-2.0
#include "client/wrong_peer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace nigh::client {
namespace {

// The record types that a TLS server begins with (RFC 8446, section 5.1), then version 3.x.
bool is_tls_record(std::string_view bytes) {
  return bytes.size() >= 2 && (bytes[0] == 0x15 || bytes[0] == 0x16) && bytes[1] == 3;
}

// A server that greets, as those of mail and file transfer do: "220 mail ready".
bool is_greeting(std::string_view bytes) {
  return bytes.size() >= 4 &&
         std::ranges::all_of(bytes.substr(0, 3),
                             [](unsigned char c) { return std::isdigit(c) != 0; }) &&
         (bytes[3] == ' ' || bytes[3] == '-');
}

Error error(Errc code, std::string message) { return {code, std::move(message)}; }

}  // namespace

Error not_nigh(std::string_view address, std::string_view why) {
  return error(
      Errc::unsupported,
      fmt::format("{} is a TLS server but not nigh: {}. Is the port right?", address, why));
}

Error explain_failed_handshake(std::string_view address, std::string_view first_bytes,
                               const Error& failure) {
  if (first_bytes.starts_with("SSH-"))
    return error(Errc::unsupported,
                 fmt::format("{0} speaks SSH, not nigh: `nigh serve` listens on a port of its own "
                             "(7722 unless told), which is where nigh must connect to",
                             address));
  if (first_bytes.starts_with("HTTP/"))
    return error(Errc::unsupported,
                 fmt::format("{} speaks plain HTTP, not nigh: is the port right?", address));
  if (is_greeting(first_bytes))
    return error(
        Errc::unsupported,
        fmt::format("{} is another kind of server, it greets with '{}': is the port right?",
                    address, printable(first_bytes)));
  if (is_tls_record(first_bytes)) return not_nigh(address, failure.message);
  if (!first_bytes.empty())
    return error(Errc::unsupported,
                 fmt::format("{} does not speak TLS, its first bytes are '{}': is the port right?",
                             address, printable(first_bytes)));
  if (failure.code == Errc::closed)
    return error(Errc::closed,
                 fmt::format("{} accepted the connection and closed it without a word: its server "
                             "may be overloaded, may not let this address in, or may not be nigh",
                             address));
  return error(failure.code,
               fmt::format("the TLS handshake with {} failed: {}", address, failure.message));
}

}  // namespace nigh::client
