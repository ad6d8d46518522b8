// SPDX-License-Identifier: Apache-2.0
#include "cli/run_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "cli/environment_option.hpp"
#include "cli/forward_options.hpp"
#include "cli/session_name.hpp"
#include "cli/session_options.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

// What CLI11 fills; the text among it is checked afterwards, with messages of our own.
struct Raw {
  RunArguments run;
  std::vector<std::string> environment;
  std::string timeout;
  std::string parallel;
  std::string escape;
};

void add_stream_options(CLI::App& app, Raw& raw) {
  app.add_flag("-t,--tty", raw.run.tty,
               "Run in a terminal of its own on the host, as editors and shells need. Twice: even "
               "when standard input is no terminal here.");
  app.add_flag("-n,--null", raw.run.null_input, "Give the command an empty standard input.");
  add_escape_option(app, raw.escape, "With -t: the");
  app.add_flag("--no-resume", raw.run.no_resume,
               "End the command when the connection is lost, rather than going on over another.");
  app.add_flag("--json", raw.run.json,
               "Print one JSON object a host: argv or command, exit, signal, stdout, stderr, "
               "started, seconds. Keeps up to 64 MiB of each output in memory.");
  app.add_flag("--keep", raw.run.command.keep,
               "Start the command as a session, print the session's id, and leave. Output and exit "
               "status are kept for `nigh attach` and `nigh wait`.");
  app.add_option("--name", raw.run.command.name, "With --keep: the name of the session.")
      ->type_name("NAME")
      ->take_last();
}

void add_command_options(CLI::App& app, Raw& raw) {
  add_environment_option(app, raw.environment);
  app.add_option("--cwd", raw.run.command.directory, "Start in this directory, not in the home.")
      ->type_name("DIR")
      ->take_last();
  app.add_option("--timeout", raw.timeout,
                 "End the command after this time: 90, 10s, 5m, 1h30m. It gets TERM, and KILL 5 s "
                 "later; the exit status is 124.")
      ->type_name("DURATION")
      ->take_last();
}

void add_options(CLI::App& app, Raw& raw) {
  add_stream_options(app, raw);
  add_command_options(app, raw);
  raw.run.agent.add_to(app);
  add_forward_options(app, raw.run.forwards);
  raw.run.connect.add_options(app);
  app.add_option("--parallel", raw.parallel, "At most this many hosts at the same time (100).")
      ->type_name("N")
      ->take_last();
}

Result<void> set_parallel(Raw& raw) {
  if (raw.parallel.empty()) return {};
  const auto* end = raw.parallel.data() + raw.parallel.size();
  auto [rest, error] = std::from_chars(raw.parallel.data(), end, raw.run.parallel);
  if (error == std::errc() && rest == end && raw.run.parallel >= 1 && raw.run.parallel <= 10'000)
    return {};
  return fail(Errc::usage, fmt::format("--parallel: '{}' is not a number from 1 to 10000",
                                       printable(raw.parallel)));
}

Result<void> set_command(RunArguments& run, Arguments words) {
  if (words.empty())
    return fail(Errc::usage, fmt::format("no command for {}: nigh run {} -- COMMAND",
                                         printable(run.hosts[0]), printable(run.hosts[0])));
  if (words[0].empty()) return fail(Errc::usage, "the command is an empty word");
  if (words.size() == 1)
    run.command.command_line = std::move(words[0]);
  else
    run.command.argv = std::move(words);
  return {};
}

// "HOST COMMAND...", without `--`.
Result<void> take_host_and_command(RunArguments& run, Arguments words) {
  if (words.empty()) return fail(Errc::usage, "no host: nigh run HOST -- COMMAND");
  run.hosts = {words[0]};
  words.erase(words.begin());
  if (!words.empty() && words[0].starts_with('-'))
    return fail(Errc::usage,
                fmt::format("'{}' after the host: options stand before it; a command that begins "
                            "so needs -- before it",
                            printable(words[0])));
  return set_command(run, std::move(words));
}

Result<void> take_hosts(RunArguments& run, Arguments hosts, Arguments command) {
  if (hosts.empty()) return fail(Errc::usage, "no host before --: nigh run HOST -- COMMAND");
  run.hosts = std::move(hosts);
  return set_command(run, std::move(command));
}

Result<void> check_keep(const RunArguments& run) {
  const auto& command = run.command;
  if (!command.keep && !command.name.empty())
    return fail(Errc::usage, "--name needs --keep: the name is that of a session");
  if (!command.keep) return {};
  if (run.no_resume) return fail(Errc::usage, "--keep and --no-resume exclude each other");
  if (run.hosts.size() > 1) return fail(Errc::usage, "--keep works with one host");
  if (run.json)
    return fail(Errc::usage, "--keep and --json exclude each other: there is no output yet");
  if (run.agent.yes) return fail(Errc::usage, "-A lasts as long as nigh: not with --keep");
  return command.name.empty() ? Result<void>() : check_session_name(command.name);
}

Result<void> check_combinations(const RunArguments& run) {
  if (std::ranges::any_of(run.hosts, &std::string::empty))
    return fail(Errc::usage, "a host is an empty word");
  if (run.tty > 0 && run.hosts.size() > 1)
    return fail(Errc::usage, "-t works with one host; several cannot share a terminal");
  if (run.tty > 0 && run.json)
    return fail(Errc::usage, "-t and --json exclude each other: a terminal's output is not data");
  if (!run.forwards.empty() && (run.hosts.size() > 1 || run.json || run.command.keep))
    return fail(Errc::usage, "-L, -R and -D work with one host, without --json and --keep");
  return check_keep(run);
}

Result<void> finish(Raw& raw) {
  if (auto r = set_environment(raw.run.command, raw.environment); !r) return r;
  if (auto r = set_parallel(raw); !r) return r;
  if (auto r = raw.run.connect.finish(); !r) return r;
  auto escape = read_escape_option(raw.escape);
  if (!escape) return std::unexpected(escape.error());
  raw.run.escape = *escape;
  auto timeout = duration_option("--timeout", raw.timeout);
  if (!timeout) return std::unexpected(timeout.error());
  raw.run.command.time_limit = *timeout;
  return check_combinations(raw.run);
}

}  // namespace

Result<RunArguments> parse_run(const Arguments& arguments) {
  Raw raw;
  CLI::App app;
  add_options(app, raw);
  auto dashes = std::ranges::find(arguments, "--");
  bool has_dashes = dashes != arguments.end();
  auto parsed = parse_arguments(app, Arguments(arguments.begin(), dashes),
                                has_dashes ? Words::anywhere : Words::end_options);
  if (!parsed) return std::unexpected(parsed.error());
  raw.run.help = parsed->help;
  if (raw.run.help) return std::move(raw.run);

  auto taken = has_dashes ? take_hosts(raw.run, std::move(parsed->words),
                                       Arguments(dashes + 1, arguments.end()))
                          : take_host_and_command(raw.run, std::move(parsed->words));
  if (!taken) return std::unexpected(taken.error());
  if (auto r = finish(raw); !r) return std::unexpected(r.error());
  return std::move(raw.run);
}

const Usage& run_usage() {
  static const Usage usage{
      .name = "run",
      .summary = "run a command on one or many machines",
      .synopsis = {"run [options] HOST COMMAND...", "run [options] HOST... -- COMMAND..."},
      .description =
          "Runs a command on a host, with standard input, output and error connected as if it ran "
          "here. One word is a command line for the account's login shell; several words are "
          "executed as they are, no shell looks at them.\n"
          "HOST is [user@]host[:port], nigh://..., or a Host of the configuration or of "
          "ssh_config. All before the first -- is options and hosts, so a command that itself "
          "holds a -- needs one before it.\n"
          "With several hosts all run at once, each line of output begins with its host, and a "
          "summary ends it. Standard input is then not sent (as with -n).\n"
          "When the connection is lost nigh makes another, and the command has gone on meanwhile: "
          "no byte of its input and output is lost or doubled. It is hung up on the host if nigh "
          "does not come back within ten minutes, or some seconds after nigh itself has died. "
          "Where "
          "the configuration says `resume = false`, or the server has no sessions, a command ends "
          "with its connection, as with --no-resume.\n"
          "With -t at a terminal the command is a session as with `nigh HOST COMMAND`: ~. leaves "
          "it, ~d lets it go on alone, for `nigh attach`.\n"
          "With --keep the command goes on without nigh, and standard input is not sent either.\n"
          "INT, TERM, HUP and QUIT are forwarded to the command. The second within 2 seconds, or "
          "the third, ends nigh itself.",
      .examples = {{"nigh run web1 -- systemctl status nginx",
                    "several words: executed as they are"},
                   {"nigh run web1 'du -sh /srv/* | sort -h'",
                    "one word: a line for the shell there"},
                   {"nigh run web1 -- cat /etc/hosts > hosts", "output is binary-clean"},
                   {"nigh run -t admin@web1 -- htop", "in a terminal"},
                   {"nigh run web1 web2 db:7000 -- uptime", "three machines at once"},
                   {"nigh run -A web1 -- git pull", "with the keys of the ssh-agent here"},
                   {"nigh run --keep --name build web1 -- make -j8",
                    "go on without me; nigh attach web1 build"},
                   {"nigh run --json web1 -- uname -r", "for programs"}},
      .exits = {{"N", "what the command exited with"},
                {"128+N", "signal N ended the command"},
                {"124", "the time limit ended the command"},
                {"255", "nigh itself failed, usage errors included; stderr says why"},
                {"several hosts", "the worst: 255, then signals, then the highest code"}},
      .add_options = [](CLI::App& app) {
        static Raw unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
