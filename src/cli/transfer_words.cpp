// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_words.hpp"

#include <algorithm>
#include <iterator>

namespace nigh::cli {
namespace {

// A path of that host for a nigh that starts in the home there: no option, no host, no "~".
std::string local_word(const std::string& path) {
  if (path.empty() || path == "~") return ".";
  if (path.starts_with("~/")) return "./" + path.substr(2);
  return path.starts_with('/') ? path : "./" + path;
}

}  // namespace

Arguments direct_words(const TransferArguments& arguments,
                       const std::vector<std::string>& sources) {
  Arguments words{"nigh", arguments.command == TransferCommand::cp ? "cp" : "sync"};
  std::ranges::move(option_words(arguments), std::back_inserter(words));
  words.emplace_back("--");
  std::ranges::transform(sources, std::back_inserter(words), local_word);
  words.push_back(arguments.destination.text());
  return words;
}

}  // namespace nigh::cli
