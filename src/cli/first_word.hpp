// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace nigh::cli {

// What a first word that is no command is. Pure.
enum class FirstWord {
  host,     // `nigh web1`, or an option of `nigh shell`
  slip,     // near to a command's name: a host only if something speaks of such a host
  nothing,  // neither a command nor a name that a host could have
};
FirstWord first_word(std::string_view word);

}  // namespace nigh::cli
