// SPDX-License-Identifier: Apache-2.0
#include "ssh/ssh_config.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "ssh/config_expand.hpp"
#include "ssh/config_line.hpp"
#include "ssh/config_values.hpp"
#include "ssh/match_list.hpp"

namespace nigh::ssh {
namespace {

// Where in the files we are.
struct Scope {
  bool user_file;      // `~` and relative includes mean the user's
  bool active = true;  // lines apply: the last Host or Match said so
  bool never = false;  // included from a block that does not apply: nothing in here can
  int depth = 0;
};

// Patterns separated by blanks; one with `!` that matches rules the host out.
bool host_matches(const std::string& host, const std::vector<std::string>& patterns) {
  bool matches = false;
  for (std::string_view pattern : patterns) {
    bool negated = pattern.starts_with('!');
    if (!match_pattern(host, pattern.substr(negated ? 1 : 0))) continue;
    if (negated) return false;
    matches = true;
  }
  return matches;
}

class Walk {
 public:
  Walk(const SshConfigQuery& query, const ConfigReader& read) : query_(query), read_(read) {}

  Result<void> read(const std::string& pattern, const Scope& scope) {
    auto files = read_(pattern);
    if (!files) return std::unexpected(files.error());
    for (const auto& file : *files)
      if (auto done = read_file(file, scope); !done) return done;
    return {};
  }

  const ConfigValues& values() const { return values_; }

 private:
  // `scope` by value: what a file switches on or off ends with the file.
  Result<void> read_file(const ConfigText& file, Scope scope) {
    if (file.text.size() > kMaxSshConfigFile || ++files_ > kMaxSshConfigFiles)
      return fail(Errc::too_large,
                  fmt::format("{}: the ssh configuration is too large", printable(file.name)));
    int number = 0;
    for (auto text : split(file.text, '\n')) {
      auto where = fmt::format("{}:{}", printable(file.name), ++number);
      if (auto done = read_line(split_config_line(text), where, scope); !done) return done;
    }
    return {};
  }

  Result<void> read_line(const ConfigLine& line, const std::string& where, Scope& scope) {
    bool block = line.keyword == "host" || line.keyword == "match" || line.keyword == "include";
    bool value = scope.active && is_known_config_keyword(line.keyword);
    if (!block && !value) return {};
    auto arguments = takes_config_rest(line.keyword)
                         ? std::vector<std::string>{std::string(line.rest)}
                         : split_config_arguments(line.rest);
    if (!arguments) return fail(Errc::malformed, where + ": " + arguments.error().message);
    if (value) return keep_config_value(values_, line.keyword, *std::move(arguments), where);
    if (arguments->empty())
      return fail(Errc::malformed, fmt::format("{}: {} needs a value", where, line.keyword));
    if (line.keyword == "include") return include(*arguments, where, scope);
    scope.active = !scope.never && (line.keyword == "host" ? host_matches(query_.host, *arguments)
                                                           : match(*arguments, scope));
    return {};
  }

  bool match(const std::vector<std::string>& criteria, const Scope& scope) {
    if (criteria.size() == 1 && lower(criteria.front()) == "all") return true;
    if (!scope.never) values_.needs_match = true;
    return false;
  }

  Result<void> include(const std::vector<std::string>& patterns, const std::string& where,
                       const Scope& scope) {
    Scope inner = scope;
    inner.never = !scope.active;
    if (++inner.depth > kMaxSshConfigDepth)
      return fail(Errc::malformed, where + ": Include is nested too deep");
    for (const auto& pattern : patterns) {
      auto path = complete(pattern, scope);
      if (!path) return fail(Errc::malformed, where + ": " + path.error().message);
      if (auto done = read(*path, inner); !done) return done;
    }
    return {};
  }

  Result<std::string> complete(const std::string& pattern, const Scope& scope) const {
    if (pattern.starts_with('/')) return pattern;
    if (!scope.user_file) return "/etc/ssh/" + pattern;
    if (pattern.starts_with('~')) return expand_home(pattern, query_);
    return query_.home + "/.ssh/" + pattern;
  }

  const SshConfigQuery& query_;
  const ConfigReader& read_;
  ConfigValues values_;
  int files_ = 0;
};

}  // namespace

Result<SshHost> resolve_ssh_host(const SshConfigQuery& query, const ConfigReader& read) {
  Walk walk(query, read);
  if (auto done = walk.read(query.home + "/.ssh/config", {.user_file = true}); !done)
    return std::unexpected(done.error());
  if (auto done = walk.read("/etc/ssh/ssh_config", {.user_file = false}); !done)
    return std::unexpected(done.error());
  return finish_config(walk.values(), query, ConfigSource::files);
}

Result<SshHost> resolve_ssh_host(const SshConfigQuery& query, const ConfigReader& read,
                                 const std::string& user_file) {
  Walk walk(query, read);
  if (auto done = walk.read(user_file, {.user_file = true}); !done)
    return std::unexpected(done.error());
  return finish_config(walk.values(), query, ConfigSource::files);
}

Result<SshHost> parse_ssh_G(const SshConfigQuery& query, std::string_view output) {
  if (output.size() > kMaxSshConfigFile)
    return fail(Errc::too_large, "ssh -G printed more than anybody could have configured");
  ConfigValues values;
  for (auto text : split(output, '\n')) {
    auto line = split_config_line(text);
    if (!is_known_config_keyword(line.keyword) || line.rest.empty()) continue;
    // ssh prints values without quotes, so only those that are lists by nature are split.
    std::vector<std::string> arguments;
    for (auto word : takes_config_list(line.keyword) ? split(line.rest, ' ')
                                                     : std::vector<std::string_view>{line.rest})
      arguments.emplace_back(word);
    if (auto kept = keep_config_value(values, line.keyword, std::move(arguments), "ssh -G"); !kept)
      return std::unexpected(kept.error());
  }
  return finish_config(values, query, ConfigSource::ssh_G);
}

}  // namespace nigh::ssh
