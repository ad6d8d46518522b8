// SPDX-License-Identifier: Apache-2.0
// The options about reaching a host, which every command that connects has.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace CLI {
class App;
}

namespace nigh::cli {

struct ConnectArguments {
  std::vector<std::string> identities;
  std::string jump;
  bool accept_new = false;
  bool verbose = false;
  bool share = false;
  bool no_share = false;
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<std::chrono::milliseconds> resume_limit;  // not an option: see ConnectOptions

  // As typed; finish() turns it into `timeout`.
  std::string timeout_text;
  void add_options(CLI::App& app);
  Result<void> finish();
};

// For a command that is hung up there when nobody has come back for ten minutes.
ConnectArguments with_resume_limit(ConnectArguments arguments);

// A duration option that was perhaps not given. The error names the option.
Result<std::optional<std::chrono::milliseconds>> duration_option(std::string_view option,
                                                                 const std::string& text);

}  // namespace nigh::cli
