// SPDX-License-Identifier: Apache-2.0
// Reading a command line with CLI11, which knows the options; what is left are words (hosts, a
// command), which each command sorts out itself.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace CLI {
class App;
}

namespace nigh::cli {

using Arguments = std::vector<std::string>;  // after the command's name

enum class Words {
  anywhere,  // options may stand before, between and after the words
  // The first word ends the options, and so does "--", which is then the first of the words: all
  // that follows is kept as it is.
  end_options,
};

struct Parsed {
  Arguments words;
  // --help was there, or -h if no option of its own has that; nothing else needs to make sense
  // then.
  bool help = false;
};

// Fills what the options of `app` are bound to. Errc::usage says which argument is wrong.
Result<Parsed> parse_arguments(CLI::App& app, const Arguments& arguments, Words words);

}  // namespace nigh::cli
