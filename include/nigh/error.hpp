// SPDX-License-Identifier: Apache-2.0
// How every call of this library fails: by throwing nigh::Failure.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace nigh {

// What the caller can do about it, not where it came from.
enum class Errc {
  malformed,    // the peer or a file broke its format: give up on it
  too_large,    // over a documented limit
  timeout,      // no answer in time
  refused,      // not permitted: key, host identity, policy
  not_found,    // the thing named does not exist
  unavailable,  // the network or the peer is not there; trying again later may help
  closed,       // the connection or stream ended before its time
  cancelled,    // we were told to stop
  unsupported,  // valid, but not something this build or key can do
  usage,        // the person asked for something that makes no sense
  system,       // the operating system said no; the text has errno's words
};

// "malformed", "too-large", … as they stand in problem documents and JSON output.
std::string_view name(Errc code);

struct Error {
  Errc code;
  std::string message;  // for a person: what failed, on what, and what to do
};

// An Error as an exception; what() is the message.
class Failure : public std::runtime_error {
 public:
  explicit Failure(Error error) : std::runtime_error(error.message), code_(error.code) {}
  Failure(Errc code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Errc code() const { return code_; }
  Error error() const { return {code_, what()}; }

 private:
  Errc code_;
};

}  // namespace nigh
