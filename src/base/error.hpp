// SPDX-License-Identifier: Apache-2.0
// What can go wrong, as values. Pure code and parsers return Result<T>; coroutines turn it into
// an exception with unwrap(), and that exception is caught once a stream and once a connection.
#pragma once

#include <expected>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nigh {

// What the caller can do about it, not where it came from.
enum class Errc {
  malformed,     // the peer or a file broke its format: give up on it
  too_large,     // over a documented limit
  timeout,       // no answer in time
  refused,       // not permitted: key, host identity, policy
  not_found,     // the thing named does not exist
  unavailable,   // the network or the peer is not there; trying again later may help
  closed,        // the connection or stream ended before its time
  cancelled,     // we were told to stop
  unsupported,   // valid, but not something this build or key can do
  usage,         // the person asked for something that makes no sense
  system,        // the operating system said no; the text has errno's words
};

std::string_view name(Errc code);

struct Error {
  Errc code;
  std::string message;  // for a person: what failed, on what, and what to do
};

template <class T>
using Result = std::expected<T, Error>;

// Shorthand for `return fail(Errc::malformed, "…")`.
inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

// errno as an Error, e.g. "cannot open /etc/x: Permission denied". `what` names operation and object.
Error errno_error(std::string_view what, int error_number);
inline std::unexpected<Error> fail_errno(std::string_view what, int error_number) {
  return std::unexpected(errno_error(what, error_number));
}

// Carries an Error through coroutines.
class Failure : public std::runtime_error {
 public:
  explicit Failure(Error error) : std::runtime_error(error.message), code_(error.code) {}
  Failure(Errc code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Errc code() const { return code_; }
  Error error() const { return {code_, what()}; }

 private:
  Errc code_;
};

// The one bridge from values to exceptions; only coroutines (and main) call it.
template <class T>
T unwrap(Result<T> result) {
  if (!result) throw Failure(std::move(result).error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// A bug of ours: logs the condition and aborts. Never for what a peer sent.
[[noreturn]] void bug(std::string_view what);
inline void expect(bool condition, std::string_view what) {
  if (!condition) [[unlikely]]
    bug(what);
}

}  // namespace nigh
