// SPDX-License-Identifier: Apache-2.0
#include "cli/mkdir_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "base/text.hpp"

namespace nigh::cli {
namespace {

struct Raw {
  MkdirArguments mkdir;
  std::string mode;
};

void add_options(CLI::App& app, Raw& raw) {
  app.add_flag("-p,--parents", raw.mkdir.parents,
               "Make the folders above it too; that it is there already is no failure.");
  app.add_option("-m,--mode", raw.mode, "Permissions in octal: 700, 0755.")
      ->type_name("MODE")
      ->take_last();
  raw.mkdir.FileArguments::add_options(app, "Print a JSON object for each path, one a line.");
}

Result<std::uint32_t> parse_mode(std::string_view text) {
  std::uint32_t mode = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (ec == std::errc() && end == text.data() + text.size() && mode <= 07777) return mode;
  return fail(Errc::usage,
              fmt::format("--mode: '{}' is not a mode in octal such as 0755", printable(text)));
}

}  // namespace

Result<MkdirArguments> parse_mkdir(const Arguments& arguments) {
  Raw raw;
  CLI::App app;
  add_options(app, raw);
  if (auto r = parse_file_arguments(app, arguments, "mkdir", raw.mkdir); !r)
    return std::unexpected(r.error());
  if (raw.mode.empty()) return std::move(raw.mkdir);
  auto mode = parse_mode(raw.mode);
  if (!mode) return std::unexpected(mode.error());
  raw.mkdir.mode = *mode;
  return std::move(raw.mkdir);
}

const Usage& mkdir_usage() {
  static const Usage usage{
      .name = "mkdir",
      .summary = "make directories on hosts",
      .synopsis = {"mkdir [options] HOST:PATH..."},
      .description = "Makes directories on a host.",
      .examples = {{"nigh mkdir -p web1:srv/www/assets", "with those above it"},
                   {"nigh mkdir -m 700 web1:private", "for its owner only"}},
      .exits = file_exits(),
      .add_options = [](CLI::App& app) {
        static Raw unused;
        add_options(app, unused);
      }};
  return usage;
}

}  // namespace nigh::cli
