// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace nigh {

std::string_view name(Errc code) {
  switch (code) {
    case Errc::malformed:
      return "malformed";
    case Errc::too_large:
      return "too-large";
    case Errc::timeout:
      return "timeout";
    case Errc::refused:
      return "refused";
    case Errc::not_found:
      return "not-found";
    case Errc::unavailable:
      return "unavailable";
    case Errc::closed:
      return "closed";
    case Errc::cancelled:
      return "cancelled";
    case Errc::unsupported:
      return "unsupported";
    case Errc::usage:
      return "usage";
    case Errc::system:
      return "system";
  }
  bug("name(Errc)");
}

namespace {
Errc reaction_to(int error_number) {
  switch (error_number) {
    case ENOENT:
      return Errc::not_found;
    case EACCES:
    case EPERM:
      return Errc::refused;
    case ETIMEDOUT:
      return Errc::timeout;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return Errc::unavailable;
    case ECONNRESET:
    case EPIPE:
      return Errc::closed;
    default:
      return Errc::system;
  }
}
}  // namespace

Error errno_error(std::string_view what, int error_number) {
  return {reaction_to(error_number),
          fmt::format("{}: {}", what, std::generic_category().message(error_number))};
}

void bug(std::string_view what) {
  std::fprintf(stderr, "nigh: internal error: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

}  // namespace nigh
