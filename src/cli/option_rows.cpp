// SPDX-License-Identifier: Apache-2.0
#include "cli/option_rows.hpp"

#include <CLI/CLI.hpp>

namespace nigh::cli {
namespace {

std::string names_of(const CLI::Option& option) {
  std::string names;
  for (const auto& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
  for (const auto& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
  return names;
}

// What stands for its value. CLI11 puts what its validators want behind a colon: that is for
// errors.
std::string value_of(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return {};
  std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

}  // namespace

std::vector<OptionRow> option_rows(const Usage& usage) {
  std::vector<OptionRow> rows;
  if (usage.add_options == nullptr) return rows;
  CLI::App app;
  app.set_help_flag();
  usage.add_options(app);
  for (const auto* option : app.get_options()) {
    rows.push_back({names_of(*option), value_of(*option), option->get_description()});
  }
  bool has_h = app.get_option_no_throw("-h") != nullptr;
  rows.push_back({has_h ? "--help" : "-h, --help", "", "Print this help."});
  return rows;
}

}  // namespace nigh::cli
