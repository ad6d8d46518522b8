// SPDX-License-Identifier: Apache-2.0
#include "cli/one_host.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace nigh::cli {

Result<std::string> one_host(const Arguments& words, std::string_view command) {
  if (words.empty() || words[0].empty())
    return fail(Errc::usage, fmt::format("no host: nigh {} HOST", command));
  if (words.size() > 1)
    return fail(Errc::usage, fmt::format("'{}' is one word too many: nigh {} takes one host",
                                         printable(words[1]), command));
  return words[0];
}

}  // namespace nigh::cli
