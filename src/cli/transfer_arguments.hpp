// SPDX-License-Identifier: Apache-2.0
// `nigh cp` and `nigh sync` as typed.
#pragma once

#include <nigh/files.hpp>

#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/connect_arguments.hpp"
#include "cli/file_path.hpp"

namespace nigh::cli {

enum class TransferCommand { cp, sync };

struct TransferArguments {
  bool help = false;
  TransferCommand command = TransferCommand::cp;
  std::vector<FilePath> sources;  // "-" on this machine: standard input
  FilePath destination;           // "-" on this machine: standard output
  TransferOptions options;
  bool json = false;
  bool quiet = false;
  bool progress = false;     // --progress: also where there is no terminal
  bool no_progress = false;  // --no-progress
  bool direct = false;
  ConnectArguments connect;

  bool from_input() const { return sources.size() == 1 && is_stream(sources[0]); }
  bool to_output() const { return is_stream(destination); }
  static bool is_stream(const FilePath& file) { return !file.is_remote() && file.path == "-"; }
};

// Errc::usage when it makes no sense; the message says what does.
Result<TransferArguments> parse_cp(const Arguments& arguments);
Result<TransferArguments> parse_sync(const Arguments& arguments);

// The options that say to another nigh what these say, but for what concerns this machine alone
// (--direct, identities).
Arguments option_words(const TransferArguments& arguments);

}  // namespace nigh::cli
