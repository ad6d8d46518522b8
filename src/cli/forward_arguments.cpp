// SPDX-License-Identifier: Apache-2.0
#include "cli/forward_arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>

#include "cli/forward_options.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

void add_options(CLI::App& app, ForwardArguments& forward) {
  add_forward_options(app, forward.forwards);
  app.add_flag("--json", forward.json,
               "Print JSON objects, one a line, as things happen: listening, opened, closed, "
               "failed, lost, resumed.");
  forward.connect.add_options(app);
}

}  // namespace

Result<ForwardArguments> parse_forward(const Arguments& arguments) {
  ForwardArguments forward;
  CLI::App app;
  add_options(app, forward);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  forward.help = parsed->help;
  if (forward.help) return forward;
  auto& words = parsed->words;
  if (words.empty() || words[0].empty())
    return fail(Errc::usage, "no host: nigh forward HOST 8080:localhost:80");
  forward.host = words[0];
  std::ranges::move(words.begin() + 1, words.end(), std::back_inserter(forward.forwards.local));
  if (forward.forwards.empty())
    return fail(Errc::usage, "nothing to forward: nigh forward HOST 8080:localhost:80");
  if (auto r = forward.connect.finish(); !r) return std::unexpected(r.error());
  return forward;
}

const Usage& forward_usage() {
  static const Usage usage{
      .name = "forward",
      .summary = "lead ports and sockets through a host",
      .synopsis = {"forward [options] HOST SPEC...",
                   "forward [-L SPEC]... [-R SPEC]... [-D SPEC]... HOST"},
      .description =
          "Listens, and leads who comes through the host, until Ctrl-C. SPEC is "
          "[BIND:]PORT:HOST:PORT: a port here, and a target as the host sees it; -R is the other "
          "way round. Either side may be a unix socket (/PATH), and the ports may be ranges of one "
          "length. Port 0 is one that is free: which, is told. IPv6 addresses stand in brackets.\n"
          "Without BIND only programs on the same machine can come, by 127.0.0.1 and ::1 (UDP: by "
          "127.0.0.1). `*` as BIND is all addresses; "
          "on the host its configuration must allow that.\n"
          "Ends and resets go through in both directions, and a target that refuses is a "
          "connection that is reset, or what the proxy's protocol has for it. When the connection "
          "to the host is lost nigh makes another: who comes meanwhile waits, and what was open "
          "goes on where it was.\n"
          "-L, -R and -D are options of nigh HOST and nigh run, too, for as long as these run.",
      .examples = {{"nigh forward web1 8080:localhost:80", "port 80 of web1 is port 8080 here"},
                   {"nigh forward web1 5432:db:5432 6379:cache:6379", "what web1 reaches"},
                   {"nigh forward -D 1080 web1", "curl -x socks5h://localhost:1080 http://inside/"},
                   {"nigh forward -R 8080:localhost:3000 web1", "port 3000 here is 8080 of web1"},
                   {"nigh forward web1 8080:/run/app.sock", "a socket of web1"},
                   {"nigh forward web1 udp:5353:localhost:53", "datagrams"},
                   {"nigh run -L 0:db:5432 web1 -- ./watch", "as long as a command runs"}},
      .exits = {{"0", "INT, TERM, HUP or QUIT ended it"},
                {"1", "it cannot listen, or cannot reach the host; stderr says why"},
                {"2", "usage error"}},
      .add_options = [](CLI::App& app) {
        static ForwardArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
