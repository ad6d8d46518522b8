// SPDX-License-Identifier: Apache-2.0
#include "ssh/config_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace nigh::ssh {
namespace {

using One = std::optional<ConfigValue> ConfigValues::*;
using Many = std::optional<std::vector<ConfigValue>> ConfigValues::*;

// Exactly one of the first three members is set.
struct Keyword {
  std::string_view name;
  One one = nullptr;           // the first line wins
  Many accumulated = nullptr;  // every line adds one
  Many list = nullptr;         // the first line wins, all its arguments
  One unless = nullptr;        // that came before
};

constexpr std::array kKeywords = {
    Keyword{.name = "canonicalizehostname", .one = &ConfigValues::canonicalize_hostname},
    Keyword{.name = "certificatefile", .accumulated = &ConfigValues::certificate_files},
    Keyword{.name = "connecttimeout", .one = &ConfigValues::connect_timeout},
    Keyword{.name = "forwardagent", .one = &ConfigValues::forward_agent},
    Keyword{.name = "globalknownhostsfile", .list = &ConfigValues::global_known_hosts_files},
    Keyword{.name = "hashknownhosts", .one = &ConfigValues::hash_known_hosts},
    Keyword{.name = "hostkeyalias", .one = &ConfigValues::host_key_alias},
    Keyword{.name = "hostname", .one = &ConfigValues::host_name},
    Keyword{.name = "identitiesonly", .one = &ConfigValues::identities_only},
    Keyword{.name = "identityagent", .one = &ConfigValues::identity_agent},
    Keyword{.name = "identityfile", .accumulated = &ConfigValues::identity_files},
    Keyword{.name = "port", .one = &ConfigValues::port},
    Keyword{.name = "stricthostkeychecking", .one = &ConfigValues::strict_host_key_checking},
    Keyword{.name = "proxycommand",
            .one = &ConfigValues::proxy_command,
            .unless = &ConfigValues::proxy_jump},
    Keyword{.name = "proxyjump",
            .one = &ConfigValues::proxy_jump,
            .unless = &ConfigValues::proxy_command},
    Keyword{.name = "user", .one = &ConfigValues::user},
    Keyword{.name = "userknownhostsfile", .list = &ConfigValues::user_known_hosts_files},
};

const Keyword* find_keyword(std::string_view name) {
  auto found = std::ranges::find(kKeywords, name, &Keyword::name);
  return found == kKeywords.end() ? nullptr : &*found;
}

// A file named twice is tried once.
void add(std::optional<std::vector<ConfigValue>>& values, ConfigValue value) {
  if (!values) values.emplace();
  if (std::ranges::find(*values, value.text, &ConfigValue::text) == values->end())
    values->push_back(std::move(value));
}

}  // namespace

bool is_known_config_keyword(std::string_view keyword) { return find_keyword(keyword) != nullptr; }

bool takes_config_rest(std::string_view keyword) { return keyword == "proxycommand"; }

bool takes_config_list(std::string_view keyword) {
  auto* found = find_keyword(keyword);
  return found && found->list;
}

Result<void> keep_config_value(ConfigValues& values, std::string_view keyword,
                               std::vector<std::string> arguments, const std::string& where) {
  auto* found = find_keyword(keyword);
  expect(found != nullptr, "a configuration keyword that was not asked about");
  if (arguments.empty() || std::ranges::count(arguments, std::string()) != 0)
    return fail(Errc::malformed, fmt::format("{}: {} needs a value", where, keyword));
  if (found->list) {
    if (auto& list = values.*found->list; !list) {
      list.emplace();
      for (auto& argument : arguments) list->push_back({std::move(argument), where});
    }
    return {};
  }
  if (arguments.size() > 1)
    return fail(Errc::malformed, fmt::format("{}: {} takes one value", where, keyword));
  ConfigValue value{std::move(arguments.front()), where};
  if (found->accumulated)
    add(values.*found->accumulated, std::move(value));
  else if (auto& one = values.*found->one; !one && !(found->unless && values.*found->unless))
    one = std::move(value);
  return {};
}

}  // namespace nigh::ssh
