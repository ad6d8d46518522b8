// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace nigh::cli {

enum class HostKeyAnswer { trust, refuse, ask_again };

// What was typed to "yes, no or the fingerprint?": the whole word, in any case; a fingerprint
// counts only if it is exactly the one of the key.
HostKeyAnswer host_key_answer(std::string_view typed, std::string_view fingerprint);

}  // namespace nigh::cli
