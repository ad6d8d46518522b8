// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "cli/one_host.hpp"
#include "cli/session_arguments.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

struct Raw {
  SessionsArguments sessions;
  std::string idle;
};

void add_options(CLI::App& app, Raw& raw) {
  app.add_flag("--json", raw.sessions.json, "Print one JSON object a session.");
  app.add_flag("--all", raw.sessions.all,
               "Also the commands of `nigh run`, which end with their client.");
  app.add_flag("--prune", raw.sessions.prune,
               "Forget the sessions that have exited, and list what is left.");
  app.add_option("--idle", raw.idle,
                 "With --prune: also end those that nobody is attached to and in which nothing has "
                 "happened for this time.")
      ->type_name("DURATION")
      ->take_last();
  raw.sessions.connect.add_options(app);
}

}  // namespace

Result<SessionsArguments> parse_sessions(const Arguments& arguments) {
  Raw raw;
  CLI::App app;
  add_options(app, raw);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  raw.sessions.help = parsed->help;
  if (raw.sessions.help) return std::move(raw.sessions);
  auto host = one_host(parsed->words, "sessions");
  if (!host) return std::unexpected(host.error());
  raw.sessions.host = *host;
  auto idle = duration_option("--idle", raw.idle);
  if (!idle) return std::unexpected(idle.error());
  raw.sessions.idle = *idle;
  if (raw.sessions.idle && !raw.sessions.prune)
    return fail(Errc::usage, "--idle needs --prune: it says which sessions are ended");
  if (auto r = raw.sessions.connect.finish(); !r) return std::unexpected(r.error());
  return std::move(raw.sessions);
}

const Usage& sessions_usage() {
  static const Usage usage{
      .name = "sessions",
      .summary = "list the sessions on a host",
      .synopsis = {"sessions [options] HOST"},
      .description =
          "Lists the account's sessions on a host: those of `nigh HOST`, `nigh shell` and `nigh "
          "run "
          "--keep`, from whatever machine they were started. CLIENTS are the addresses of those "
          "who "
          "are attached; IDLE is the time since something was typed or printed.\n"
          "A session that has exited stays in the list until its exit status was fetched (nigh "
          "wait, nigh attach), for 7 days at most.",
      .examples = {{"nigh sessions web1", "what runs there"},
                   {"nigh sessions --json web1", "for programs"},
                   {"nigh sessions --prune --idle 7d web1", "tidy up"}},
      .exits = {{"0", "done"}, {"1", "failed; stderr says why"}, {"2", "usage error"}},
      .add_options = [](CLI::App& app) {
        static Raw unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
