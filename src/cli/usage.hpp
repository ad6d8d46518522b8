// SPDX-License-Identifier: Apache-2.0
// What a command is, for people: the one source of `--help` and of the manual pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace nigh::cli {

struct Example {
  std::string_view command;  // as typed
  std::string_view says;     // what it does
};

struct ExitStatusNote {
  std::string_view status;  // "0", "128+N"
  std::string_view says;
};

struct Usage {
  std::string_view name;                   // "run"
  std::string_view summary;                // half a line, for lists
  std::vector<std::string_view> synopsis;  // what follows "nigh ", one line each
  std::string_view description;            // paragraphs, separated by line feeds
  std::vector<Example> examples;
  std::vector<ExitStatusNote> exits;
  void (*add_options)(CLI::App&);  // null: it has none
};

// Every command, in the order in which they are listed.
const std::vector<const Usage*>& usages();
const Usage* find_usage(std::string_view name);  // null: there is no such command
std::vector<std::string> command_names();

// Examples for somebody who typed `nigh` alone.
const std::vector<Example>& first_examples();

// One each, beside the options that they describe (<name>_arguments.cpp).
const Usage& shell_usage();
const Usage& attach_usage();
const Usage& sessions_usage();
const Usage& kill_usage();
const Usage& wait_usage();
const Usage& run_usage();
const Usage& cp_usage();
const Usage& sync_usage();
const Usage& ls_usage();
const Usage& cat_usage();
const Usage& rm_usage();
const Usage& mkdir_usage();
const Usage& mv_usage();
const Usage& stat_usage();
const Usage& du_usage();
const Usage& forward_usage();
const Usage& status_usage();
const Usage& disconnect_usage();
const Usage& listen_usage();
const Usage& connect_usage();
const Usage& send_usage();
const Usage& recv_usage();
const Usage& serve_usage();
const Usage& token_usage();
const Usage& doctor_usage();
const Usage& version_usage();
const Usage& help_usage();

}  // namespace nigh::cli
