// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "cli/channel_arguments.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, RecvArguments& recv) {
  app.add_flag("--lines", recv.lines,
               "A line feed after each message, and go on until interrupted.");
  app.add_option("--count", recv.count,
                 "End after that many messages and streams. Default: 1, or no end with --lines and "
                 "--json.")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, UINT64_MAX));
  app.add_flag("--no-wait", recv.no_wait,
               "Only what is there now; status 3 when there is nothing.");
  app.add_option("--window", recv.window,
                 "Messages that may be on their way here at a time; other receivers get the rest. "
                 "Default: 1024.")
      ->type_name("N")
      ->check(CLI::Range(1, 8192));
  app.add_flag("--json", recv.json,
               "One JSON object a message, with `message` or, if it is no text, `message_base64`.");
  recv.connect.add_options(app);
}

}  // namespace

Result<RecvArguments> parse_recv(const Arguments& arguments) {
  RecvArguments recv;
  CLI::App app;
  add_options(app, recv);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  recv.help = parsed->help;
  if (recv.help) return recv;
  if (parsed->words.size() != 1)
    return fail(Errc::usage, "nigh recv takes one channel: nigh recv HOST:CHANNEL");
  auto name = parse_channel_name(parsed->words[0]);
  if (!name) return std::unexpected(name.error());
  recv.from = *std::move(name);
  if (recv.json && recv.lines) return fail(Errc::usage, "--lines and --json exclude each other");
  if (auto r = recv.connect.finish(); !r) return std::unexpected(r.error());
  return recv;
}

const Usage& recv_usage() {
  static const Usage usage{
      .name = "recv",
      .summary = "receive what is sent to a channel",
      .synopsis = {"recv [options] HOST:CHANNEL"},
      .description =
          "Writes what `nigh send` sends to a channel of the host to standard output, and waits "
          "for "
          "it: one stream or one message or, with --lines or --json, messages until it is "
          "interrupted. Several receivers share the messages; a stream goes to one of them.\n"
          "A message is acknowledged when it is written, and one that was not is received again, "
          "by this or by another receiver. A connection that is lost is made again, and nothing is "
          "written twice; only a stream breaks with it.",
      .examples = {{"nigh recv web1:backup > big.tar", "a stream"},
                   {"nigh recv --lines localhost:log", "messages, on the host itself"},
                   {"nigh recv --count 1 web1:jobs | ./work", "one job"}},
      .exits = {{"0", "all that was written is acknowledged"},
                {"1", "it failed; stderr says why"},
                {"2", "usage error"},
                {"3", "there was nothing (--no-wait)"}},
      .add_options = [](CLI::App& app) {
        static RecvArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
