// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/files.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace CLI {
class App;
}

namespace nigh::cli {

// What a transfer leaves out, as typed: of these options the order among each other counts.
class FilterArguments {
 public:
  void add_options(CLI::App& app);
  // Fills `filter` and `ignore_files`. Errc::usage.
  Result<void> apply(TransferOptions& options) const;

 private:
  enum class Kind { include, exclude, rule, ignore_file };
  struct Argument {
    Kind kind;
    std::string text;
  };
  void add(CLI::App& app, const char* name, Kind kind, const char* value, const char* says);
  static Result<void> apply_rule(std::string_view text, TransferOptions& options);

  std::vector<Argument> typed_;
};

// The options that say the same again.
std::vector<std::string> filter_words(const TransferOptions& options);

}  // namespace nigh::cli
