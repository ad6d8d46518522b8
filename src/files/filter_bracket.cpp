// SPDX-License-Identifier: Apache-2.0
#include "files/filter_bracket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/text.hpp"

namespace nigh::files {
namespace {

struct Class {
  std::string_view name;
  int (*holds)(int);
};
constexpr std::array kClasses{
    Class{"alnum", std::isalnum}, Class{"alpha", std::isalpha}, Class{"blank", std::isblank},
    Class{"cntrl", std::iscntrl}, Class{"digit", std::isdigit}, Class{"graph", std::isgraph},
    Class{"lower", std::islower}, Class{"print", std::isprint}, Class{"punct", std::ispunct},
    Class{"space", std::isspace}, Class{"upper", std::isupper}, Class{"xdigit", std::isxdigit}};

class BracketParser {
 public:
  explicit BracketParser(std::string_view text) : text_(text) {}

  Result<ByteSet> parse() {
    bool negated = peek() == '!' || peek() == '^';
    if (negated) ++at_;
    // A ']' that comes first stands for itself.
    do {
      if (auto taken = take_item(); !taken) return std::unexpected(taken.error());
    } while (peek() != ']');
    ++at_;
    if (negated) set_.flip();
    set_.reset('/');
    return set_;
  }
  std::size_t length() const { return at_; }

 private:
  std::optional<char> peek(std::size_t ahead = 0) const {
    if (at_ + ahead >= text_.size()) return std::nullopt;
    return text_[at_ + ahead];
  }

  Result<void> take_item() {
    if (peek() == '[' && peek(1) == ':') {
      auto name = class_name();
      if (!name) return std::unexpected(name.error());
      if (*name) return add_class(**name);
    }
    if (peek() == '-' && previous_ && peek(1) && peek(1) != ']') {
      ++at_;
      return take_range(*previous_);
    }
    auto byte = take_byte();
    if (!byte) return std::unexpected(byte.error());
    set_.set(*byte);
    previous_ = *byte;
    return {};
  }

  Result<std::uint8_t> take_byte() {
    if (peek() == '\\') ++at_;
    if (!peek()) return fail(Errc::usage, "'[' has no ']'");
    return static_cast<std::uint8_t>(text_[at_++]);
  }

  Result<void> take_range(std::uint8_t first) {
    auto last = take_byte();
    if (!last) return std::unexpected(last.error());
    for (unsigned byte = first; byte <= *last; ++byte) set_.set(byte);
    previous_.reset();
    return {};
  }

  // What stands between "[:" and ":]"; none: a '[' that stands for itself.
  Result<std::optional<std::string_view>> class_name() const {
    auto rest = text_.substr(at_ + 2);
    auto end = rest.find(']');
    if (end == rest.npos) return fail(Errc::usage, "'[' has no ']'");
    if (end == 0 || rest[end - 1] != ':') return std::nullopt;
    return rest.substr(0, end - 1);
  }

  Result<void> add_class(std::string_view name) {
    const auto* found = std::ranges::find(kClasses, name, &Class::name);
    if (found == kClasses.end())
      return fail(Errc::usage, fmt::format("there is no class [:{}:]", printable(name)));
    for (int byte = 0; byte < 128; ++byte)  // bytes above are parts of characters: in no class
      if (found->holds(byte) != 0) set_.set(static_cast<std::size_t>(byte));
    at_ += name.size() + 4;
    previous_.reset();
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 1;
  ByteSet set_;
  std::optional<std::uint8_t> previous_;  // what a range may begin with
};

}  // namespace

Result<ByteSet> parse_bracket(std::string_view text, std::size_t& length) {
  BracketParser parser(text);
  auto set = parser.parse();
  length = parser.length();
  return set;
}

}  // namespace nigh::files
