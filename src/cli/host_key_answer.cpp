// SPDX-License-Identifier: Apache-2.0
#include "cli/host_key_answer.hpp"

#include "base/text.hpp"

namespace nigh::cli {

HostKeyAnswer host_key_answer(std::string_view typed, std::string_view fingerprint) {
  typed = trim(typed);
  if (lower(typed) == "yes") return HostKeyAnswer::trust;
  if (lower(typed) == "no") return HostKeyAnswer::refuse;
  bool same = !typed.empty() && typed == fingerprint;
  return same ? HostKeyAnswer::trust : HostKeyAnswer::ask_again;
}

}  // namespace nigh::cli
