// SPDX-License-Identifier: Apache-2.0
// What can go wrong, as values. Pure code and parsers return Result<T>; coroutines turn it into
// an exception with unwrap(), and that exception is caught once a stream and once a connection.
// The values themselves are public: <nigh/error.hpp>.
#pragma once

#include <nigh/error.hpp>

#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nigh {

template <class T>
using Result = std::expected<T, Error>;

// Shorthand for `return fail(Errc::malformed, "…")`.
inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

// errno as an Error, e.g. "cannot open /etc/x: Permission denied". `what` names operation and
// object.
Error errno_error(std::string_view what, int error_number);
inline std::unexpected<Error> fail_errno(std::string_view what, int error_number) {
  return std::unexpected(errno_error(what, error_number));
}

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
