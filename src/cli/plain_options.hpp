// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/plain_arguments.hpp"
#include "cli/usage.hpp"

namespace nigh::cli {

// What both commands for plain sockets have.
struct PlainRaw {
  PlainArguments plain;
  std::string timeout;
  std::string wait;
};
void add_plain_options(CLI::App& app, PlainRaw& raw);
Result<void> finish_plain(PlainRaw& raw);
// 0 is good only for who listens.
enum class AnyPort { no, yes };
Result<std::uint16_t> parse_plain_port(const std::string& word, AnyPort any);
std::vector<ExitStatusNote> plain_exits();

}  // namespace nigh::cli
