// SPDX-License-Identifier: Apache-2.0
#include "cli/plain_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "base/text.hpp"
#include "cli/connect_arguments.hpp"

namespace nigh::cli {

void add_plain_options(CLI::App& app, PlainRaw& raw) {
  auto* udp = app.add_flag(
      "-u,--udp", raw.plain.udp,
      "UDP: each piece that is read from standard input, of 8 KiB at most, is a datagram, and what "
      "datagrams bring goes to standard output.");
  auto* path = app.add_option("-U,--unix", raw.plain.path, "A unix socket with this path.")
                   ->type_name("PATH")
                   ->take_last()
                   ->excludes(udp);
  app.add_flag("--tls", raw.plain.tls, "TLS (1.2 or 1.3) over TCP.")->excludes(udp)->excludes(path);
  app.add_flag(
      "--print", raw.plain.print,
      "Write `Received data: TEXT`, a line for each piece that comes, instead of the bytes "
      "themselves; what cannot be printed is shown as \\xNN.");
  app.add_option("-w,--wait", raw.wait,
                 "With --udp: end when the input has ended and so long nothing has come. Else only "
                 "Ctrl-C ends it: datagrams have no end.")
      ->type_name("DURATION")
      ->take_last()
      ->needs(udp);
}

Result<void> finish_plain(PlainRaw& raw) {
  auto wait = duration_option("--wait", raw.wait);
  if (!wait) return std::unexpected(wait.error());
  auto timeout = duration_option("--connect-timeout", raw.timeout);
  if (!timeout) return std::unexpected(timeout.error());
  raw.plain.wait = *wait;
  raw.plain.timeout = *timeout;
  return {};
}

Result<std::uint16_t> parse_plain_port(const std::string& word, AnyPort any) {
  unsigned port = 0;
  const auto* end = word.data() + word.size();
  auto [stop, failed] = std::from_chars(word.data(), end, port);
  bool possible = port <= 65535 && (port != 0 || any == AnyPort::yes);
  if (failed != std::errc() || stop != end || !possible)
    return fail(Errc::usage, fmt::format("'{}' is not a port: give a number from {} to 65535",
                                         printable(word), any == AnyPort::yes ? 0 : 1));
  return static_cast<std::uint16_t>(port);
}

std::vector<ExitStatusNote> plain_exits() {
  return {{"0", "both directions have ended"},
          {"1", "no connection came about, or it broke; stderr says why"},
          {"2", "usage error"},
          {"128+N", "signal N ended it: 130 after Ctrl-C"},
          {"141", "nobody reads standard output any more"}};
}

}  // namespace nigh::cli
