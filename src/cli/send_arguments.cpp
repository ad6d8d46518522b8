// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "cli/channel_arguments.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, SendArguments& send) {
  app.add_flag("--lines", send.lines, "Each line is a message, without its line feed.");
  app.add_flag("--message", send.message,
               "Each FILE, or standard input, is one message, of up to 1 MiB.");
  app.add_flag("--keep", send.keep,
               "Messages are kept on the host's disk until a receiver has taken them; there need "
               "not be one now.");
  app.add_flag("--no-wait", send.no_wait, "Fail, with status 3, when nobody receives.");
  app.add_flag("--json", send.json, "Print what happens, as one JSON object a line.");
  send.connect.add_options(app);
}

}  // namespace

Result<SendArguments> parse_send(const Arguments& arguments) {
  SendArguments send;
  CLI::App app;
  add_options(app, send);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  send.help = parsed->help;
  if (send.help) return send;
  auto& words = parsed->words;
  if (words.empty()) return fail(Errc::usage, "no channel: nigh send HOST:CHANNEL [FILE...]");
  auto name = parse_channel_name(words[0]);
  if (!name) return std::unexpected(name.error());
  send.to = *std::move(name);
  send.files.assign(words.begin() + 1, words.end());
  if (send.lines && send.message)
    return fail(Errc::usage, "--lines and --message exclude each other");
  if (send.keep && !send.lines && !send.message)
    return fail(Errc::usage, "--keep keeps messages: say --lines or --message");
  if (send.keep && send.no_wait)
    return fail(Errc::usage, "--no-wait is about receivers, and --keep needs none");
  if (auto r = send.connect.finish(); !r) return std::unexpected(r.error());
  return send;
}

const Usage& send_usage() {
  static const Usage usage{
      .name = "send",
      .summary = "send data to whoever receives it",
      .synopsis = {"send [options] HOST:CHANNEL [FILE...]"},
      .description =
          "Sends files, or standard input, to a channel of the host: a named pipe between programs "
          "of your account there, wherever they are; on the host itself it is "
          "`localhost:CHANNEL`. A channel needs no making. Whoever runs `nigh recv` gets the data, "
          "and the sender waits while nobody does, or while they do not keep up.\n"
          "Without options it is a stream of bytes, all of which one receiver gets. With --lines "
          "or --message it is messages, each for one of the receivers, which share them; those of "
          "a lost connection are sent again, and none is received twice. With --keep they wait on "
          "the host's disk, across restarts of the server.\n"
          "It exits with 0 when all is taken: acknowledged by receivers or, with --keep, on disk.",
      .examples = {{"nigh send web1:backup big.tar",
                    "while `nigh recv web1:backup > big.tar` runs"},
                   {"tail -f app.log | nigh send --lines web1:log", "line by line"},
                   {"nigh send --keep --message web1:jobs job.json", "a job for whoever comes"}},
      .exits = {{"0", "all is taken"},
                {"1", "it failed; stderr says why"},
                {"2", "usage error"},
                {"3", "nobody receives (--no-wait)"},
                {"4", "the host keeps no more (--keep)"}},
      .add_options = [](CLI::App& app) {
        static SendArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
