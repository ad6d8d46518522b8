// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/kept_arguments.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, DisconnectArguments& disconnect) {
  app.add_flag("--all", disconnect.all, "End all of them.");
  app.add_flag("--drain", disconnect.drain,
               "Wait for what runs: only nothing new uses the connection, and it ends with the "
               "last that does.");
}

}  // namespace

Result<DisconnectArguments> parse_disconnect(const Arguments& arguments) {
  DisconnectArguments disconnect;
  CLI::App app;
  add_options(app, disconnect);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  disconnect.help = parsed->help;
  if (disconnect.help) return disconnect;
  disconnect.hosts = parsed->words;
  if (std::ranges::any_of(disconnect.hosts, &std::string::empty))
    return fail(Errc::usage, "a host is an empty word");
  if (disconnect.hosts.empty() && !disconnect.all)
    return fail(Errc::usage, "no host: nigh disconnect HOST, or nigh disconnect --all");
  if (!disconnect.hosts.empty() && disconnect.all)
    return fail(Errc::usage, "--all means every host: name none");
  return disconnect;
}

const Usage& disconnect_usage() {
  static const Usage usage{
      .name = "disconnect",
      .summary = "end connections that are kept",
      .synopsis = {"disconnect [--drain] HOST...", "disconnect [--drain] --all"},
      .description =
          "Ends the connections to a host that `--share` or `keep` left open, at once, as `ssh -O "
          "exit` does. Sessions that run over them make connections of their own and go on; "
          "transfers and other commands are broken off. With --drain they are waited for.",
      .examples = {{"nigh disconnect web1", "now"},
                   {"nigh disconnect --drain web1", "when what runs is done"},
                   {"nigh disconnect --all", "leave nothing open"}},
      .exits = {{"0", "ended"},
                {"1", "no connection to a HOST is kept, or it failed; stderr says which"},
                {"2", "usage error"}},
      .add_options = [](CLI::App& app) {
        static DisconnectArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
