// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "cli/plain_options.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, PlainRaw& raw) {
  add_plain_options(app, raw);
  app.add_option("--tls-ca", raw.plain.authorities,
                 "Trust the authorities in this PEM file instead of those of this system.")
      ->type_name("FILE")
      ->take_last()
      ->needs("--tls");
  app.add_option("--tls-name", raw.plain.name,
                 "The name that the certificate must have, if it is not HOST.")
      ->type_name("NAME")
      ->take_last()
      ->needs("--tls");
  app.add_flag("--tls-no-check", raw.plain.no_check,
               "Talk to whoever answers, whatever the certificate. For tests.")
      ->needs("--tls");
  app.add_option("--connect-timeout", raw.timeout, "Give up after this time (15s).")
      ->type_name("DURATION")
      ->take_last();
  app.add_flag("-v,--verbose", raw.plain.verbose, "Tell on standard error when it is connected.");
}

Result<void> take_words(const Arguments& words, PlainArguments& plain) {
  std::size_t wanted = plain.path.empty() ? 2 : 0;
  if (words.size() > wanted)
    return fail(Errc::usage,
                fmt::format("'{}' is one word too many: nigh connect {}", printable(words[wanted]),
                            wanted == 0 ? "--unix PATH" : "HOST PORT"));
  if (words.size() < wanted)
    return fail(Errc::usage,
                fmt::format("no {}: nigh connect HOST PORT", words.empty() ? "host" : "port"));
  if (wanted == 0) return {};
  plain.host = words[0];
  if (plain.host.empty()) return fail(Errc::usage, "the host is empty: nigh connect HOST PORT");
  auto port = parse_plain_port(words[1], AnyPort::no);
  if (!port) return std::unexpected(port.error());
  plain.port = *port;
  return {};
}

}  // namespace

Result<PlainArguments> parse_connect(const Arguments& arguments) {
  PlainRaw raw;
  CLI::App app;
  add_options(app, raw);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  raw.plain.help = parsed->help;
  if (raw.plain.help) return std::move(raw.plain);
  if (auto r = finish_plain(raw); !r) return std::unexpected(r.error());
  if (auto r = take_words(parsed->words, raw.plain); !r) return std::unexpected(r.error());
  return std::move(raw.plain);
}

const Usage& connect_usage() {
  static const Usage usage{
      .name = "connect",
      .summary = "a socket connection to any program",
      .synopsis = {"connect [options] HOST PORT", "connect [options] --unix PATH"},
      .description =
          "Connects to a TCP port and passes bytes on: standard input goes to the program that "
          "listens there, and what it sends to standard output. No server of nigh has a part in "
          "it, and the connection is not encrypted unless --tls says so.\n"
          "The end of the input ends our half of the connection; the other goes on until the peer "
          "ends it. When the peer has sent all and the input is a terminal, nigh ends; else it "
          "still sends the input to its end.\n"
          "With --tls the certificate must be one for HOST of an authority that this system trusts "
          "(or --tls-ca says).",
      .examples = {{"nigh connect localhost 12345", "talk to a program by hand"},
                   {"nigh connect web1 9000 < request > answer", "send a file, keep the answer"},
                   {"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nigh connect --tls example.org 443",
                    "in TLS"},
                   {"nigh connect --udp --wait 1s ::1 5000 < message",
                    "a datagram, and the answer"},
                   {"nigh connect --unix /run/app.sock", "a unix socket"}},
      .exits = plain_exits(),
      .add_options = [](CLI::App& app) {
        static PlainRaw unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
