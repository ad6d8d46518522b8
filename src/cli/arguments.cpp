// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.hpp"
#include "cli/suggest.hpp"

namespace nigh::cli {
namespace {

std::unexpected<Error> unknown_option(const CLI::App& app, std::string_view option) {
  auto name = option.substr(0, option.find('='));
  std::vector<std::string> known;
  for (const auto* o : app.get_options())
    for (const auto& n : o->get_lnames()) known.push_back("--" + n);
  auto text = fmt::format("unknown option '{}'", printable(name));
  if (auto near = name.starts_with("--") ? suggest(name, known) : std::nullopt)
    text += fmt::format("; did you mean {}?", *near);
  return fail(Errc::usage, text);
}

bool takes_value(const CLI::App& app, const std::string& option) {
  const auto* found = app.get_option_no_throw(option);
  return found != nullptr && found->get_items_expected_max() > 0;
}

// CLI11 reads "--cwd= x" as "--cwd x". Such an argument that is not among the words was an option.
std::optional<std::string> emptied_option(const CLI::App& app, const Arguments& arguments,
                                          const Arguments& words) {
  for (const auto& argument : arguments) {
    if (!argument.starts_with("--") || !argument.ends_with("=")) continue;
    auto name = argument.substr(0, argument.size() - 1);
    bool consumed = std::ranges::count(arguments, argument) > std::ranges::count(words, argument);
    if (consumed && takes_value(app, name)) return name;
  }
  return std::nullopt;
}

std::unexpected<Error> needs_value(std::string_view option) {
  return fail(Errc::usage, fmt::format("option {} needs a value", option));
}

std::string first_part(std::string_view what) {
  return std::string(what.substr(0, what.find(':')));
}

Result<void> parse(CLI::App& app, const Arguments& arguments) {
  Arguments reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ArgumentMismatch& e) {
    auto option = first_part(e.what());
    if (takes_value(app, option)) return needs_value(option);
    return fail(Errc::usage, fmt::format("option {}", printable(e.what())));
  } catch (const CLI::ParseError& e) {
    return fail(Errc::usage, printable(e.what()));
  }
  return {};
}

}  // namespace

Result<Parsed> parse_arguments(CLI::App& app, const Arguments& arguments, Words words) {
  Parsed parsed;
  app.set_help_flag();
  bool has_h = app.get_option_no_throw("-h") != nullptr;  // human-readable sizes, as in ls
  app.add_flag(has_h ? "--help" : "-h,--help", parsed.help, "Print this help.");
  app.allow_extras(words == Words::anywhere);
  app.prefix_command(words == Words::end_options);
  if (auto r = parse(app, arguments); !r) return std::unexpected(r.error());

  parsed.words = app.remaining();
  if (parsed.help) return parsed;
  if (auto option = emptied_option(app, arguments, parsed.words)) return needs_value(*option);
  if (words == Words::end_options && !parsed.words.empty() && parsed.words[0] == "--")
    return parsed;
  auto options_end = words == Words::anywhere ? parsed.words.size() : 1;
  for (std::size_t i = 0; i < std::min(options_end, parsed.words.size()); ++i)
    if (parsed.words[i].size() > 1 && parsed.words[i].starts_with('-'))
      return unknown_option(app, parsed.words[i]);
  return parsed;
}

}  // namespace nigh::cli
