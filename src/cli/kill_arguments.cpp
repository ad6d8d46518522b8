// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.hpp"
#include "cli/session_arguments.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, KillArguments& kill) {
  app.add_option("-s,--signal", kill.signal, "Send this signal: TERM, INT, KILL, USR1, ... (HUP)")
      ->type_name("NAME")
      ->take_last();
  kill.connect.add_options(app);
}

// "SIGTERM", "term" and "TERM" are the same.
Result<void> finish(KillArguments& kill) {
  auto& name = kill.signal;
  auto upper = [](unsigned char c) { return static_cast<char>(std::toupper(c)); };
  std::ranges::transform(name, name.begin(), upper);
  if (name.starts_with("SIG")) name.erase(0, 3);
  bool word = !name.empty() &&
              std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0; });
  if (!word)
    return fail(Errc::usage, fmt::format("--signal: '{}' is not a signal", printable(name)));
  return kill.connect.finish();
}

}  // namespace

Result<KillArguments> parse_kill(const Arguments& arguments) {
  KillArguments kill;
  CLI::App app;
  add_options(app, kill);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  kill.help = parsed->help;
  if (kill.help) return kill;
  auto& words = parsed->words;
  if (words.empty() || words[0].empty()) return fail(Errc::usage, "no host: nigh kill HOST ID");
  kill.host = words[0];
  kill.sessions.assign(words.begin() + 1, words.end());
  if (kill.sessions.empty())
    return fail(Errc::usage, fmt::format("no session: nigh kill {} ID; nigh sessions {} lists them",
                                         printable(kill.host), printable(kill.host)));
  if (auto r = finish(kill); !r) return std::unexpected(r.error());
  return kill;
}

const Usage& kill_usage() {
  static const Usage usage{
      .name = "kill",
      .summary = "end sessions on a host",
      .synopsis = {"kill [options] HOST NAME|ID..."},
      .description =
          "Hangs sessions up: their processes get HUP, as when a terminal goes, and CONT. With "
          "--signal they get another signal instead. A session that was ended so is forgotten, and "
          "so is one that has exited already.",
      .examples = {{"nigh kill web1 work", "by name; ids are in `nigh sessions web1`"},
                   {"nigh kill -s KILL web1 k3v9x2mq", "what does not listen"}},
      .exits = {{"0", "done"}, {"1", "failed for some; stderr says why"}, {"2", "usage error"}},
      .add_options = [](CLI::App& app) {
        static KillArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
