// SPDX-License-Identifier: Apache-2.0
#include "cli/token_arguments.hpp"

#include <CLI/CLI.hpp>

#include "cli/one_host.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {
namespace {

struct Raw {
  TokenArguments token;
  std::string lifetime;
};

void add_options(CLI::App& app, Raw& raw) {
  app.add_option("--for", raw.lifetime,
                 "How long it is good: 10m, 1h (15m). The server may allow less.")
      ->type_name("DURATION")
      ->take_last();
  app.add_option("--revoke", raw.token.revoke, "Take the token with this id back at once.")
      ->type_name("ID")
      ->take_last();
  app.add_flag("--json", raw.token.json, "Print a JSON object: id, token, expires.");
  raw.token.connect.add_options(app);
}

Result<void> finish(Raw& raw) {
  if (!raw.token.revoke.empty() && !raw.lifetime.empty())
    return fail(Errc::usage, "--revoke and --for exclude each other");
  auto lifetime = duration_option("--for", raw.lifetime);
  if (!lifetime) return std::unexpected(lifetime.error());
  if (*lifetime) raw.token.lifetime = std::chrono::ceil<std::chrono::seconds>(**lifetime);
  return raw.token.connect.finish();
}

}  // namespace

Result<TokenArguments> parse_token(const Arguments& arguments) {
  Raw raw;
  CLI::App app;
  add_options(app, raw);
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  raw.token.help = parsed->help;
  if (raw.token.help) return std::move(raw.token);
  auto host = one_host(parsed->words, "token");
  if (!host) return std::unexpected(host.error());
  raw.token.host = *host;
  if (auto r = finish(raw); !r) return std::unexpected(r.error());
  return std::move(raw.token);
}

const Usage& token_usage() {
  static const Usage usage{
      .name = "token",
      .summary = "a bearer token for curl and other HTTP clients",
      .synopsis = {"token [options] HOST", "token --revoke ID HOST"},
      .description =
          "Makes a token that lets a plain HTTP client use the host's API with the rights of your "
          "key, for a short time. Only the token goes to standard output; its id and end go to "
          "standard error. Whoever has the token has those rights: keep it out of files and "
          "logs.",
      .examples = {{"curl --http2 -k -H \"Authorization: Bearer $(nigh token web1)\" -d "
                    "'{\"argv\":[\"uname\",\"-a\"]}' https://web1:7722/v1/run",
                    "run a command with curl"},
                   {"nigh token --for 1h --json ci@web1", "an hour, as JSON"},
                   {"nigh token --revoke 7f3a91c2 web1", "take one back"}},
      .exits = {{"0", "done"}, {"1", "failed; stderr says why"}, {"2", "usage error"}},
      .add_options = [](CLI::App& app) {
        static Raw unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
