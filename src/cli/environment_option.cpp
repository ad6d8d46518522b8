// SPDX-License-Identifier: Apache-2.0
#include "cli/environment_option.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_variable_name(std::string_view name) {
  auto fits = [](char c) { return is_letter(c) || is_digit(c); };
  return !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, fits);
}

bool is_locale(std::string_view variable) {
  return variable == "LANG" || variable.starts_with("LC_");
}

bool is_of_terminal(std::string_view variable) {
  return is_locale(variable) || variable == "COLORTERM";
}

std::map<std::string, std::string> chosen(const char* const* environment,
                                          bool (*wanted)(std::string_view)) {
  std::map<std::string, std::string> out;
  for (; *environment != nullptr; ++environment) {
    std::string_view entry = *environment;
    auto equals = entry.find('=');
    auto variable = entry.substr(0, equals);
    if (equals == entry.npos || !wanted(variable) || !is_variable_name(variable)) continue;
    out[std::string(variable)] = entry.substr(equals + 1);
  }
  return out;
}

}  // namespace

void add_environment_option(CLI::App& app, std::vector<std::string>& pairs) {
  app.add_option("--env", pairs,
                 "Set a variable for the command. LANG and LC_* of the caller are sent anyway. May "
                 "be repeated.")
      ->type_name("K=V")
      ->allow_extra_args(false);
}

Result<void> set_environment(Command& command, const std::vector<std::string>& pairs) {
  for (const auto& pair : pairs) {
    auto equals = pair.find('=');
    if (equals == pair.npos || !is_variable_name(std::string_view(pair).substr(0, equals)))
      return fail(Errc::usage, fmt::format("--env: '{}' is not NAME=VALUE", printable(pair)));
    command.environment[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return {};
}

std::map<std::string, std::string> locale_of(const char* const* environment) {
  return chosen(environment, is_locale);
}

std::map<std::string, std::string> terminal_environment_of(const char* const* environment) {
  return chosen(environment, is_of_terminal);
}

}  // namespace nigh::cli
