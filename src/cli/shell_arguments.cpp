// SPDX-License-Identifier: Apache-2.0
#include "cli/shell_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "cli/environment_option.hpp"
#include "cli/forward_options.hpp"
#include "cli/session_name.hpp"
#include "cli/session_options.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

struct Raw {
  ShellArguments shell;
  std::vector<std::string> environment;
  std::string escape;
};

void add_options(CLI::App& app, Raw& raw) {
  app.add_option("--name", raw.shell.command.name,
                 "Attach to the session of this name, or create it.")
      ->type_name("NAME")
      ->take_last();
  app.add_flag("--detached", raw.shell.detached,
               "Start the session, print its id and leave it. `nigh attach` goes there.");
  add_escape_option(app, raw.escape);
  add_environment_option(app, raw.environment);
  app.add_option("--cwd", raw.shell.command.directory, "Start in this directory, not in the home.")
      ->type_name("DIR")
      ->take_last();
  raw.shell.agent.add_to(app);
  add_forward_options(app, raw.shell.forwards);
  raw.shell.connect.add_options(app);
}

// `arguments` up to the first that is no option, and the rest without a "--" that begins it.
struct Cut {
  Arguments options;
  Arguments words;
};

Result<Cut> cut_options(const Arguments& arguments) {
  Raw unused;
  CLI::App app;
  add_options(app, unused);
  auto parsed = parse_arguments(app, arguments, Words::end_options);
  if (!parsed) return std::unexpected(parsed.error());
  auto words = std::move(parsed->words);
  Cut cut;
  cut.options.assign(arguments.begin(), arguments.end() - std::ssize(words));
  if (!words.empty() && words[0] == "--") words.erase(words.begin());
  cut.words = std::move(words);
  return cut;
}

// The words after the host are one line, as with ssh.
std::string line_of(const Arguments& words) {
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

Result<void> take_command(Raw& raw, const Arguments& words) {
  auto& command = raw.shell.command;
  if (words.empty()) return {};
  command.command_line = line_of(words);
  if (trim(command.command_line).empty()) return fail(Errc::usage, "the command is empty");
  return {};
}

Result<void> finish(Raw& raw) {
  auto& shell = raw.shell;
  if (auto r = set_environment(shell.command, raw.environment); !r) return r;
  auto escape = read_escape_option(raw.escape);
  if (!escape) return std::unexpected(escape.error());
  shell.escape = *escape;
  if (!shell.command.name.empty())
    if (auto r = check_session_name(shell.command.name); !r) return r;
  if (shell.detached && !shell.forwards.empty())
    return fail(Errc::usage, "-L, -R and -D last as long as nigh: not with --detached");
  if (shell.detached && shell.agent.yes)
    return fail(Errc::usage, "-A lasts as long as nigh: not with --detached");
  return shell.connect.finish();
}

}  // namespace

// Options may stand behind the host too, up to the command.
Result<ShellArguments> parse_shell(const Arguments& arguments) {
  auto before = cut_options(arguments);
  if (!before) return std::unexpected(before.error());
  bool has_host = !before->words.empty() && !before->words[0].empty();
  Cut after;
  if (has_host) {
    auto cut = cut_options(Arguments(before->words.begin() + 1, before->words.end()));
    if (!cut) return std::unexpected(cut.error());
    after = *std::move(cut);
  }
  auto options = std::move(before->options);
  std::ranges::move(after.options, std::back_inserter(options));

  Raw raw;
  CLI::App app;
  add_options(app, raw);
  auto parsed = parse_arguments(app, options, Words::end_options);
  if (!parsed) return std::unexpected(parsed.error());
  raw.shell.help = parsed->help;
  if (raw.shell.help) return std::move(raw.shell);
  if (!has_host) return fail(Errc::usage, "no host: nigh shell HOST");
  raw.shell.host = before->words[0];
  if (auto r = take_command(raw, after.words); !r) return std::unexpected(r.error());
  if (auto r = finish(raw); !r) return std::unexpected(r.error());
  return std::move(raw.shell);
}

const Usage& shell_usage() {
  static const Usage usage{
      .name = "shell",
      .summary = "a login shell that survives a lost connection",
      .synopsis = {"HOST [COMMAND...]", "shell [options] HOST [options] [COMMAND...]"},
      .description =
          "Opens a login shell on a host, in a terminal there, or runs a line in one: all words "
          "after the host make one line for the account's shell, as with ssh. Without a terminal "
          "on standard input and output it is like `nigh run`.\n"
          "The session goes on when the connection is lost: nigh reconnects by itself and goes on "
          "where it was; until then a line at the bottom says for how long there is no contact. A "
          "signal to nigh, or closing its window, detaches.\n"
          "At the beginning of a line `~.` ends the session, `~d` detaches, `~^Z` suspends nigh, "
          "`~~` sends a ~, and `~?` lists these. They work without contact, too.\n"
          "The word `shell` may be left out: a first word that is no command is a host. One that "
          "is near to a command's name is taken for a slip, unless the configuration, ssh_config "
          "or known_hosts have a host of that name.",
      .examples = {{"nigh web1", "a login shell"},
                   {"nigh admin@web1 vim /etc/hosts", "something in a terminal"},
                   {"nigh shell web1 --name work", "attach to the session `work`, or create it"},
                   {"nigh shell --detached web1 --name build make", "start it, and leave it alone"},
                   {"nigh shell --escape ^] web1", "~ is for the host"}},
      .exits = session_exits(),
      .add_options = [](CLI::App& app) {
        static Raw unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
