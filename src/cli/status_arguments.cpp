// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "cli/kept_arguments.hpp"
#include "cli/one_host.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, StatusArguments& status) {
  app.add_flag("--json", status.json, "Print one JSON object a connection.");
}

}  // namespace

Result<StatusArguments> parse_status(const Arguments& arguments) {
  StatusArguments status;
  CLI::App app;
  add_options(app, status);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  status.help = parsed->help;
  if (status.help || parsed->words.empty()) return status;
  auto host = one_host(parsed->words, "status");
  if (!host) return std::unexpected(host.error());
  status.host = *host;
  return status;
}

const Usage& status_usage() {
  static const Usage usage{
      .name = "status",
      .summary = "show the connections that are kept",
      .synopsis = {"status [--json] [HOST]"},
      .description =
          "Shows the connections that `--share` and `keep` in the configuration left open on this "
          "machine: to whom and as whom, what TLS agreed on, the round-trip time, the server's "
          "version, who uses it, and when it ends. With HOST only those that lead there, whatever "
          "keys they were made with.\n"
          "A kept connection is used by every command of this account for the same host, user, "
          "keys and known_hosts files. It is held by a process called nigh-keep.",
      .examples = {{"nigh run --share web1 -- uptime", "leave the connection open"},
                   {"nigh status", "all that are open"},
                   {"nigh status web1 > /dev/null || echo none", "is there one?"},
                   {"nigh status --json web1", "for programs"}},
      .exits = {{"0", "shown"},
                {"1", "no connection to HOST is kept, or it failed; stderr says which"},
                {"2", "usage error"}},
      .add_options = [](CLI::App& app) {
        static StatusArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
