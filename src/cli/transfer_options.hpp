// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/transfer_arguments.hpp"
#include "cli/transfer_filter.hpp"

namespace nigh::cli {

// What CLI11 fills; the text among it is checked afterwards, with messages of our own.
struct RawTransfer {
  TransferArguments transfer;
  FilterArguments filter;
  bool recursive = false;
  bool archive = false;
  std::string sync;
  std::string limit;
  std::string parallel;

  void add_options(CLI::App& app, TransferCommand command);
  Result<void> finish();

 private:
  void add_what_is_kept(CLI::App& app);
  void add_how(CLI::App& app);
  void add_what_is_shown(CLI::App& app);
  Result<void> set_sync();
  Result<void> set_numbers();
};

}  // namespace nigh::cli
