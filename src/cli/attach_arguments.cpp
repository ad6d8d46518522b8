// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "base/text.hpp"
#include "cli/session_arguments.hpp"
#include "cli/session_options.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

struct Raw {
  AttachArguments attach;
  std::string scrollback;
  std::string tail;
  std::string escape;
};

void add_options(CLI::App& app, Raw& raw) {
  app.add_flag("--read-only", raw.attach.read_only,
               "Watch: what is typed goes nowhere, and the size of this terminal does not matter.");
  app.add_option("--scrollback", raw.scrollback,
                 "Of a terminal: so many lines of its history go into this one's own (10000).")
      ->type_name("N")
      ->take_last();
  app.add_option("--tail", raw.tail,
                 "Without a terminal: begin with the last N lines of the output, not with all that "
                 "was kept.")
      ->type_name("N")
      ->take_last();
  add_escape_option(app, raw.escape);
  raw.attach.connect.add_options(app);
}

template <class Number>
Result<void> read_number(std::string_view option, const std::string& text, Number most,
                         Number& into) {
  Number number = 0;
  const auto* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || number > most)
    return fail(Errc::usage, fmt::format("{}: '{}' is not a number from 0 to {}", option,
                                         printable(text), most));
  into = number;
  return {};
}

Result<void> finish(Raw& raw) {
  auto& attach = raw.attach;
  constexpr std::uint32_t kMostScrollback = 10'000'000;
  if (!raw.scrollback.empty())
    if (auto r = read_number("--scrollback", raw.scrollback, kMostScrollback, attach.scrollback);
        !r)
      return r;
  if (!raw.tail.empty())
    if (auto r =
            read_number<std::uint64_t>("--tail", raw.tail, 1'000'000'000, attach.tail.emplace());
        !r)
      return r;
  auto escape = read_escape_option(raw.escape);
  if (!escape) return std::unexpected(escape.error());
  attach.escape = *escape;
  return attach.connect.finish();
}

}  // namespace

Result<AttachArguments> parse_attach(const Arguments& arguments) {
  Raw raw;
  CLI::App app;
  add_options(app, raw);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  raw.attach.help = parsed->help;
  if (raw.attach.help) return std::move(raw.attach);
  const auto& words = parsed->words;
  if (words.empty() || words[0].empty()) return fail(Errc::usage, "no host: nigh attach HOST");
  if (words.size() > 2)
    return fail(Errc::usage, fmt::format("'{}' is one word too many: nigh attach HOST [NAME|ID]",
                                         printable(words[2])));
  raw.attach.host = words[0];
  if (words.size() > 1) raw.attach.session = words[1];
  if (auto r = finish(raw); !r) return std::unexpected(r.error());
  return std::move(raw.attach);
}

const Usage& attach_usage() {
  static const Usage usage{
      .name = "attach",
      .summary = "go on with a session, from anywhere",
      .synopsis = {"attach [options] HOST [NAME|ID]"},
      .description =
          "Attaches to a session on a host, whichever machine it was started from. Without a name "
          "or an id it is the only one there is, or one is chosen at the terminal. A terminal "
          "shows its screen as it is now, above it the last lines of its history, and takes the "
          "same keys as in `nigh shell`. Of a command without a terminal the output is shown; an "
          "interrupt (^C) leaves it running.\n"
          "Several may be attached at once. The smallest of their windows rules.",
      .examples = {{"nigh attach web1", "the only session, or a choice"},
                   {"nigh attach web1 work", "by name; ids are in `nigh sessions web1`"},
                   {"nigh attach --read-only web1 work", "look on"},
                   {"nigh attach --tail 20 web1 build", "the end of what `run --keep` prints"}},
      .exits = session_exits(),
      .add_options = [](CLI::App& app) {
        static Raw unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
