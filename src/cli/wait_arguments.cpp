// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "cli/session_arguments.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {

Result<WaitArguments> parse_wait(const Arguments& arguments) {
  WaitArguments wait;
  CLI::App app;
  wait.connect.add_options(app);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  wait.help = parsed->help;
  if (wait.help) return wait;
  const auto& words = parsed->words;
  if (words.empty() || words[0].empty()) return fail(Errc::usage, "no host: nigh wait HOST ID");
  wait.host = words[0];
  if (words.size() < 2 || words[1].empty())
    return fail(Errc::usage, fmt::format("no session: nigh wait {} ID; nigh sessions {} lists them",
                                         printable(wait.host), printable(wait.host)));
  if (words.size() > 2)
    return fail(Errc::usage, fmt::format("'{}' is one word too many: nigh wait takes one session",
                                         printable(words[2])));
  wait.session = words[1];
  if (auto r = wait.connect.finish(); !r) return std::unexpected(r.error());
  return wait;
}

const Usage& wait_usage() {
  static const Usage usage{
      .name = "wait",
      .summary = "the exit status of a session",
      .synopsis = {"wait [options] HOST NAME|ID"},
      .description =
          "Waits until a session has exited, and exits with the same status. Output is not shown; "
          "`nigh attach` does that.",
      .examples = {{"nigh wait web1 build && nigh cp web1:build.log .", "when it is done"}},
      .exits = {{"N", "what the session exited with"},
                {"128+N", "signal N ended it"},
                {"124", "its time limit ended it"},
                {"255", "nigh itself failed, usage errors included; stderr says why"}},
      .add_options = [](CLI::App& app) {
        static ConnectArguments unused;
        unused.add_options(app);
      }};
  return usage;
}

}  // namespace nigh::cli
