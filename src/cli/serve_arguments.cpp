// SPDX-License-Identifier: Apache-2.0
#include "cli/serve_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/suggest.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warning", "error"};

void add_file(CLI::App& app, const char* name, std::string& into, const char* says) {
  app.add_option(name, into, says)->type_name("FILE")->take_last();
}

void add_options(CLI::App& app, ServeArguments& serve) {
  app.add_option("-l,--listen", serve.listen,
                 "Listen here: 192.0.2.7:7722, [2001:db8::7]:7722, or a port alone on every "
                 "address. Port 0 takes a free one and shows it. May be repeated. Default: "
                 "[::]:7722, IPv4 and IPv6.")
      ->type_name("ADDR:PORT")
      ->allow_extra_args(false);
  app.add_option("--publish", serve.publish,
                 "Be reached as NAME through RELAY, another machine that runs nigh serve: nigh run "
                 "-J RELAY NAME. For machines that nobody can connect to, as behind NAT. May be "
                 "repeated.")
      ->type_name("NAME@RELAY")
      ->allow_extra_args(false);
  add_file(app, "-c,--config", serve.config_file,
           "Read this configuration (TOML); see nigh-serve(8). What is said on the command line "
           "wins.");
  add_file(app, "--authorized-keys", serve.authorized_keys,
           "Who may come in, in the format of OpenSSH (~/.ssh/authorized_keys).");
  add_file(app, "--host-key", serve.host_key, "The private key that proves who this machine is.");
  app.add_flag("--check", serve.check,
               "Check configuration and keys, say what is wrong, and stop.");
  app.add_option("--log-level", serve.log_level, "debug, info, warning or error (info).")
      ->type_name("LEVEL")
      ->take_last();
}

Result<void> check_log_level(const std::string& level) {
  if (level.empty() || std::ranges::count(kLogLevels, level) > 0) return {};
  return fail(Errc::usage, fmt::format("--log-level: '{}' is none of debug, info, warning, error",
                                       printable(level)));
}

}  // namespace

Result<ServeArguments> parse_serve(const Arguments& arguments) {
  ServeArguments serve;
  CLI::App app;
  add_options(app, serve);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  serve.help = parsed->help;
  if (serve.help) return serve;
  if (!parsed->words.empty())
    return fail(Errc::usage, fmt::format("'{}' makes no sense here: nigh serve takes only options",
                                         printable(parsed->words[0])));
  if (auto r = check_log_level(serve.log_level); !r) return std::unexpected(r.error());
  return serve;
}

const Usage& serve_usage() {
  static const Usage usage{
      .name = "serve",
      .summary = "let others in: the server",
      .synopsis = {"serve [options]"},
      .description =
          "Lets those whose keys are authorized run commands here, as the account that started it. "
          "Needs no root. Prints where it listens and the fingerprint of its host key, then stays "
          "in the foreground and logs to standard error.\n"
          "TERM and INT drain: no new command begins, running ones may finish for a while.",
      .examples = {{"nigh serve", "port 7722, keys in ~/.ssh/authorized_keys"},
                   {"nigh serve --listen 127.0.0.1:0", "only this machine, a free port"},
                   {"nigh serve --listen 10.0.0.7:7722 --listen [fd00::7]:7722", "two addresses"},
                   {"nigh serve --publish web1@bastion", "reached by nigh run -J bastion web1"},
                   {"nigh serve --config nigh.toml --check", "is the configuration right?"}},
      .exits = {{"0", "drained and ended, or --check found nothing wrong"},
                {"1", "could not serve, or --check found something; stderr says what"},
                {"2", "usage error"}},
      .add_options = [](CLI::App& app) {
        static ServeArguments unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
