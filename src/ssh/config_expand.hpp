// SPDX-License-Identifier: Apache-2.0
// What ssh_config(5) lets a value leave open: `~`, % tokens and ${NAME}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "ssh/ssh_config.hpp"

namespace nigh::ssh {

using ConfigTokens = std::vector<std::pair<char, std::string>>;

// %% %C %L %d %h %i %k %l %n %p %r %u for the paths; HostName knows %% and %h alone.
ConfigTokens path_tokens(const SshConfigQuery& query, std::string_view host_name,
                         std::string_view remote_user, std::uint16_t port,
                         std::string_view host_key_alias);
ConfigTokens host_name_tokens(const SshConfigQuery& query);

// Errc::malformed: an unknown token, or a token or ${ that does not end.
Result<std::string> expand_tokens(std::string_view text, const ConfigTokens& tokens);

// `~`, `~user`, tokens and ${NAME}. Errc::malformed as above and for names that do not exist.
Result<std::string> expand_path(std::string_view text, const ConfigTokens& tokens,
                                const SshConfigQuery& query);

// `~` and `~user` alone.
Result<std::string> expand_home(std::string_view text, const SshConfigQuery& query);

}  // namespace nigh::ssh
