// SPDX-License-Identifier: Apache-2.0
#include "server/config_file.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <functional>
#include <map>

#include "base/text.hpp"
#include "server/link/publication.hpp"

namespace nigh::server {
namespace {

// What is wrong with a value; empty: nothing.
using Setter = std::function<std::string(const toml::node&)>;
using Table = std::map<std::string, Setter, std::less<>>;

template <class T>
Setter number(T& into, std::int64_t least, std::int64_t most) {
  return [&into, least, most](const toml::node& node) -> std::string {
    auto value = node.value_exact<std::int64_t>();
    if (!value || *value < least || *value > most)
      return fmt::format("must be a number from {} to {}", least, most);
    into = static_cast<T>(*value);
    return "";
  };
}

// A number of larger units than it is kept in.
template <class T>
Setter number_of(T unit, T& into, std::int64_t least, std::int64_t most) {
  return [&into, unit, least, most](const toml::node& node) {
    T count = 0;
    auto wrong = number(count, least, most)(node);
    if (wrong.empty()) into = count * unit;
    return wrong;
  };
}

Setter text(std::string& into) {
  return [&into](const toml::node& node) -> std::string {
    auto value = node.value_exact<std::string>();
    if (!value || value->empty()) return "must be text";
    into = *value;
    return "";
  };
}

Setter flag(bool& into) {
  return [&into](const toml::node& node) -> std::string {
    auto value = node.value_exact<bool>();
    if (!value) return "must be true or false";
    into = *value;
    return "";
  };
}

Setter one_or_more(std::vector<std::string>& into) {
  return [&into](const toml::node& node) -> std::string {
    std::vector<std::string> values;
    if (auto one = node.value_exact<std::string>()) values.push_back(*one);
    if (const auto* list = node.as_array())
      for (const auto& element : *list)
        values.push_back(element.value_exact<std::string>().value_or(""));
    for (const auto& value : values)
      if (value.empty()) return "must be text, or a list of texts";
    if (values.empty()) return "must be text, or a list of texts";
    into = std::move(values);
    return "";
  };
}

Setter publications(std::vector<std::string>& into) {
  return [&into](const toml::node& node) -> std::string {
    std::vector<std::string> texts;
    if (auto wrong = one_or_more(texts)(node); !wrong.empty()) return wrong;
    if (auto checked = check_publications(texts); !checked)
      return "is wrong: " + checked.error().message;
    into = std::move(texts);
    return "";
  };
}

Setter log_level(std::string& into) {
  return [&into](const toml::node& node) -> std::string {
    auto value = node.value_exact<std::string>().value_or("");
    if (value != "debug" && value != "info" && value != "warning" && value != "error")
      return "must be \"debug\", \"info\", \"warning\" or \"error\"";
    into = value;
    return "";
  };
}

template <class Rep>
Setter seconds(std::chrono::duration<Rep>& into, std::int64_t least, std::int64_t most) {
  return [&into, least, most](const toml::node& node) -> std::string {
    std::int64_t count = 0;
    auto wrong = number(count, least, most)(node);
    if (wrong.empty()) into = std::chrono::seconds(count);
    return wrong;
  };
}

Result<toml::table> parse(std::string_view content, const std::string& file) {
  try {
    return toml::parse(content, file);
  } catch (const toml::parse_error& error) {
    return fail(Errc::malformed,
                fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
  }
}

Result<void> apply(const toml::table& values, const Table& known, const std::string& file) {
  for (const auto& [key, node] : values) {
    auto at = [&](const std::string& what) {
      return fail(Errc::malformed, fmt::format("{}:{}: {} {}", file, node.source().begin.line,
                                               printable(key.str()), what));
    };
    auto found = known.find(key.str());
    if (found == known.end()) return at("is not a setting that nigh serve knows");
    if (auto wrong = found->second(node); !wrong.empty()) return at(wrong);
  }
  return {};
}

}  // namespace

Result<void> apply_config(std::string_view content, const std::string& file_name, Config& config) {
  auto parsed = parse(content, file_name);
  if (!parsed) return std::unexpected(parsed.error());
  constexpr std::uint32_t kDay = 24 * 3600, kKib = 1024;
  constexpr std::int64_t kYear = 366 * kDay;
  const Table limits = {
      {"login_seconds", seconds(config.login, 1, 600)},
      {"drain_seconds", seconds(config.drain, 0, 24 * 3600)},
      {"token_seconds", seconds(config.token, 1, kYear)},
      {"unauthenticated", number(config.limits.unauthenticated, 1, 100'000)},
      {"penalties", flag(config.limits.penalties)},
      {"streams_per_connection", number(config.streams_per_connection, 1, 100'000)},
      {"processes", number(config.processes, 1, 1'000'000)},
      {"sessions", number(config.sessions, 0, 100'000)},
      {"resume_seconds", number(config.session.resume_seconds, 1, kYear)},
      {"hangup_seconds", number(config.session.hangup_seconds, 1, kYear)},
      {"session_exit_days", number_of(kDay, config.session.kept_seconds, 0, 366)},
      {"session_idle_days", number_of(kDay, config.session.idle_seconds, 0, 3660)},
      {"session_terminal_kib", number_of(kKib, config.session.terminal_bytes, 64, 1 << 20)},
      {"mailbox_mib", number_of(std::uint64_t{1} << 20, config.channels.bytes, 1, 1 << 20)},
      {"mailbox_messages", number(config.channels.messages, 1, 1'000'000'000)},
      {"mailbox_days", number_of(std::uint64_t{kDay}, config.channels.seconds, 1, 3660)},
      {"session_pipe_kib", number_of(kKib, config.session.pipe_bytes, 64, 1 << 20)},
  };
  Result<void> in_limits;
  const Table top = {
      {"listen", one_or_more(config.listen)},
      {"publish", publications(config.publish)},
      {"authorized_keys", text(config.authorized_keys)},
      {"host_key", text(config.host_key)},
      {"log_level", log_level(config.log_level)},
      {"fronts", number(config.fronts, 1, 256)},
      {"forwarding", flag(config.forwarding.allowed)},
      {"gateway_ports", flag(config.forwarding.gateway_ports)},
      {"limits",
       [&](const toml::node& node) -> std::string {
         if (!node.is_table()) return "must be a table";
         in_limits = apply(*node.as_table(), limits, file_name);
         return "";
       }},
  };
  auto applied = apply(*parsed, top, file_name);
  return applied ? in_limits : applied;
}

}  // namespace nigh::server
