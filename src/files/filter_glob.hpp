// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "files/filter_bracket.hpp"

namespace nigh::files {

// A glob made ready for many matches: "*", "?" and brackets match within a name; "**/" at the start
// or after a slash matches any folders or none, "/**" at the end all that is in a folder; other
// runs of asterisks mean "*"; "\x" is x itself. A match takes time in the product of the two
// lengths at worst, since all ways to match are followed at the same time.
class Glob {
 public:
  // Errc::usage: it could match nothing at all: a bracket that is not closed, a '\' at the end.
  static Result<Glob> compile(std::string_view text);

  bool matches(std::string_view path) const;

 private:
  enum class Kind : std::uint8_t {
    byte,        // this one
    set,         // one of those
    star,        // any in a name
    everything,  // any at all
    folders,     // nothing (the way past `inside`), or what `inside` takes
    inside,      // any up to and with a slash
  };
  struct Token {
    Kind kind = Kind::byte;
    std::uint8_t byte = 0;
    std::uint32_t set = 0;  // index into sets_
  };
  using States = std::vector<char>;  // whether the match may stand before that token

  Result<void> add_next(std::string_view text, std::size_t& at);
  void add_stars(std::string_view text, std::size_t& at);
  void add_set(const ByteSet& set);
  void split();
  bool matches_middle(std::string_view text) const;
  void skip_optional(States& states) const;
  bool advance(States& states, std::uint8_t byte) const;
  bool takes(const Token& token, std::uint8_t byte) const;

  std::string prefix_;  // literal bytes before and after the tokens: most paths fail there
  std::vector<Token> tokens_;
  std::string suffix_;
  std::vector<ByteSet> sets_;
};

}  // namespace nigh::files
