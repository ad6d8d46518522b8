// SPDX-License-Identifier: Apache-2.0
#include "cli/session_options.hpp"

#include <CLI/CLI.hpp>
#include <utility>

#include "base/escape_key.hpp"

namespace nigh::cli {

void add_escape_option(CLI::App& app, std::string& text, const std::string& the) {
  app.add_option("--escape", text,
                 the +
                     " key that speaks to nigh: a character, ^X for a control key, or none (~, or "
                     "`escape` in the configuration).")
      ->type_name("CHAR")
      ->take_last();
}

Result<EscapeOption> read_escape_option(const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto key = parse_escape_key(text);
  if (!key) return fail(Errc::usage, "--escape: " + key.error().message);
  return EscapeOption(std::in_place, *key);
}

const std::vector<ExitStatusNote>& session_exits() {
  static const std::vector<ExitStatusNote> exits{
      {"N", "what the session exited with"},
      {"128+N", "signal N ended it, or nigh"},
      {"0", "detached, too"},
      {"255", "nigh itself failed, usage errors included; stderr says why"}};
  return exits;
}

}  // namespace nigh::cli
