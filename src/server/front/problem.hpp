// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "server/link/messages.hpp"

namespace nigh::server {

inline constexpr char kProblemType[] = "urn:nigh:problem:";

// An error as a client sees it: an HTTP status and a problem document (RFC 9457). `detail` is what
// the command line prints.
struct Problem {
  int status;
  std::string type;  // the last part of "urn:nigh:problem:…"
  std::string title;
  std::string detail;
};

std::string encode(const Problem& problem);
Problem problem_of(Trouble trouble, std::string detail);

}  // namespace nigh::server
