// SPDX-License-Identifier: Apache-2.0
#include "cli/usage.hpp"

#include <algorithm>

namespace nigh::cli {

const std::vector<const Usage*>& usages() {
  static const std::vector<const Usage*> all{
      &run_usage(),     &shell_usage(),  &attach_usage(),     &sessions_usage(), &kill_usage(),
      &wait_usage(),    &cp_usage(),     &sync_usage(),       &ls_usage(),       &cat_usage(),
      &rm_usage(),      &mkdir_usage(),  &mv_usage(),         &stat_usage(),     &du_usage(),
      &forward_usage(), &status_usage(), &disconnect_usage(), &listen_usage(),   &connect_usage(),
      &send_usage(),    &recv_usage(),   &serve_usage(),      &token_usage(),    &doctor_usage(),
      &version_usage(), &help_usage()};
  return all;
}

const Usage* find_usage(std::string_view name) {
  auto found = std::ranges::find(usages(), name, &Usage::name);
  return found == usages().end() ? nullptr : *found;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const auto* usage : usages()) names.emplace_back(usage->name);
  return names;
}

const std::vector<Example>& first_examples() {
  static const std::vector<Example> examples{
      {"nigh serve", "let the keys in ~/.ssh/authorized_keys in, on port 7722"},
      {"nigh web1", "a shell there, which survives a lost connection"},
      {"nigh run web1 -- 'df -h | sort'", "one word is a line for the shell there"},
      {"tar c . | nigh run web1 -- tar x -C /srv", "several words run as they are; streams flow"},
      {"nigh run web1 web2 web3 -- uptime", "many machines at once, one summary"},
      {"nigh doctor web1", "why does it not work? in words"}};
  return examples;
}

const Usage& version_usage() {
  static const Usage usage{.name = "version",
                           .summary = "print the version",
                           .synopsis = {"version"},
                           .description = "Prints the version of this program.",
                           .examples = {{"nigh version", "prints \"nigh\" and a number"}},
                           .exits = {},
                           .add_options = nullptr};
  return usage;
}

const Usage& help_usage() {
  static const Usage usage{.name = "help",
                           .summary = "explain a command",
                           .synopsis = {"help [COMMAND]"},
                           .description = "Explains one command, or lists them all.",
                           .examples = {{"nigh help run", "the same as nigh run --help"}},
                           .exits = {{"0", "help was printed"}, {"2", "there is no such command"}},
                           .add_options = nullptr};
  return usage;
}

}  // namespace nigh::cli
