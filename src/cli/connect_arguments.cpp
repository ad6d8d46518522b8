// SPDX-License-Identifier: Apache-2.0
#include "cli/connect_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/duration.hpp"

namespace nigh::cli {

void ConnectArguments::add_options(CLI::App& app) {
  app.add_option("-i,--identity", identities,
                 "Offer this key instead of those that the configuration and the agent give. May "
                 "be repeated.")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("-J,--jump", jump,
                 "Go over these hosts, nearest first, separated by commas, each written as any "
                 "host. They see ciphertext only; the keys of all are checked. `none`: over none, "
                 "whatever the configuration says.")
      ->type_name("HOSTS")
      ->take_last();
  app.add_flag("--accept-new", accept_new,
               "Trust a host that is not known yet and remember its key. A changed key is refused "
               "all the same.");
  app.add_option("--connect-timeout", timeout_text,
                 "Give up when the host has not let us in after this time (15s).")
      ->type_name("DURATION")
      ->take_last();
  app.add_flag("--share", share,
               "Leave the connection open in the background for the commands after this one, which "
               "then need no connecting. It ends when none has used it for 10 minutes, or as "
               "`keep` in the configuration says; see nigh status.");
  app.add_flag("--no-share", no_share, "Use no connection that was left open, and leave none.")
      ->excludes("--share");
  app.add_flag("-v,--verbose", verbose, "Tell each step of connecting, with its time, on stderr.");
}

Result<void> ConnectArguments::finish() {
  auto parsed = duration_option("--connect-timeout", timeout_text);
  if (!parsed) return std::unexpected(parsed.error());
  timeout = *parsed;
  return {};
}

ConnectArguments with_resume_limit(ConnectArguments arguments) {
  arguments.resume_limit = std::chrono::minutes(10);
  return arguments;
}

Result<std::optional<std::chrono::milliseconds>> duration_option(std::string_view option,
                                                                 const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto duration = parse_duration(text);
  if (!duration) return fail(Errc::usage, fmt::format("{}: {}", option, duration.error().message));
  return *duration;
}

}  // namespace nigh::cli
