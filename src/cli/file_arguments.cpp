// SPDX-License-Identifier: Apache-2.0
#include "cli/file_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace nigh::cli {

void FileArguments::add_options(CLI::App& app, const char* json_says) {
  app.add_flag("--json", json, json_says);
  connect.add_options(app);
}

Result<void> parse_file_arguments(CLI::App& app, const Arguments& arguments,
                                  std::string_view command, FileArguments& file) {
  auto parsed = parse_arguments(app, arguments, Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  file.help = parsed->help;
  if (file.help) return {};
  if (parsed->words.empty())
    return fail(Errc::usage, fmt::format("no path: nigh {} HOST:PATH", command));
  for (const auto& word : parsed->words) {
    auto path = parse_remote_path(word);
    if (!path) return std::unexpected(path.error());
    file.paths.push_back(*std::move(path));
  }
  return file.connect.finish();
}

const std::vector<ExitStatusNote>& file_exits() {
  static const std::vector<ExitStatusNote> exits{
      {"0", "all done"},
      {"1", "nothing could be done; stderr says why"},
      {"2", "usage error"},
      {"23", "some paths failed, each with a line on stderr; the rest is done"},
      {"130", "interrupted"}};
  return exits;
}

}  // namespace nigh::cli
