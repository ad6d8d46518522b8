// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "cli/plain_options.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, PlainRaw& raw) {
  add_plain_options(app, raw);
  app.add_flag(
      "-k,--keep-open", raw.plain.keep_open,
      "Take everybody who connects, many at the same time, until Ctrl-C: what comes from "
      "any goes to standard output, and standard input to all. One who does not read holds "
      "it up for all. A client that has sent all it has is done.");
  app.add_option("--tls-cert", raw.plain.certificate,
                 "The certificate to show, with what certifies it after it, in PEM.")
      ->type_name("FILE")
      ->take_last()
      ->needs("--tls");
  app.add_option("--tls-key", raw.plain.key,
                 "Its private key, in PEM, if that is not in the same file.")
      ->type_name("FILE")
      ->take_last()
      ->needs("--tls-cert");
  app.add_flag("-q,--quiet", raw.plain.quiet, "Do not tell who connects.");
}

Result<void> take_words(const Arguments& words, PlainArguments& plain) {
  if (!plain.path.empty() && !words.empty())
    return fail(Errc::usage, fmt::format("'{}' is one word too many: --unix has said where",
                                         printable(words[0])));
  if (!plain.path.empty()) return {};
  if (words.empty()) return fail(Errc::usage, "no port: nigh listen PORT");
  if (words.size() > 2)
    return fail(Errc::usage, fmt::format("'{}' is one word too many: nigh listen [ADDRESS] PORT",
                                         printable(words[2])));
  if (words.size() == 2) plain.host = words[0];
  auto port = parse_plain_port(words.back(), AnyPort::yes);
  if (!port) return std::unexpected(port.error());
  plain.port = *port;
  if (plain.tls && plain.certificate.empty())
    return fail(Errc::usage, "--tls needs the certificate to show: --tls-cert FILE");
  return {};
}

}  // namespace

Result<PlainArguments> parse_listen(const Arguments& arguments) {
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

const Usage& listen_usage() {
  static const Usage usage{
      .name = "listen",
      .summary = "wait for a program's socket connection, here",
      .synopsis = {"listen [options] [ADDRESS] PORT", "listen [options] --unix PATH"},
      .description =
          "Waits for a TCP connection and passes bytes on: what comes goes to standard output, and "
          "standard input to who connected. For talking to programs that know only sockets; no "
          "server of nigh has a part in it, the connection is not encrypted unless --tls says so, "
          "and anybody who reaches the port may connect. Bytes are all that comes through: none is "
          "ever taken for a command.\n"
          "ADDRESS is one of this machine's, its name (then all addresses that the name has), or * "
          "for all; without it only programs on this machine can connect (127.0.0.1 and ::1). "
          "PORT 0 is any that is free, and told.\n"
          "`Waiting for a connection...` and `Connected to ('ADDRESS', PORT)` go to standard "
          "error, "
          "so that standard output has the data alone; with --print that is a line for each "
          "piece.\n"
          "The end of the input ends our half of the connection; the other goes on until the peer "
          "ends it. When the peer has sent all and the input is a terminal, nigh ends; else it "
          "still sends the input to its end.",
      .examples = {{"nigh listen 12345", "talk to whatever program connects"},
                   {"nigh listen --print 12345 < /dev/null", "show what it sends, line by line"},
                   {"nigh listen '*' 12345 > file",
                    "from other machines, too; only data in the file"},
                   {"nigh listen -k $(hostname) 12345", "many clients, at this machine's name"},
                   {"nigh listen --tls --tls-cert cert.pem --tls-key key.pem 4433", "in TLS"},
                   {"nigh listen --unix /tmp/app.sock", "a unix socket"}},
      .exits = plain_exits(),
      .add_options = [](CLI::App& app) {
        static PlainRaw unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
