// SPDX-License-Identifier: Apache-2.0
#include "files/filter_glob.hpp"

#include <algorithm>

#include "files/filter.hpp"

namespace nigh::files {

Result<Glob> Glob::compile(std::string_view text) {
  Glob glob;
  for (std::size_t at = 0; at < text.size();)
    if (auto added = glob.add_next(text, at); !added) return std::unexpected(added.error());
  glob.split();
  return glob;
}

Result<void> Glob::add_next(std::string_view text, std::size_t& at) {
  switch (text[at]) {
    case '*':
      add_stars(text, at);
      return {};
    case '?':
      add_set(ByteSet().set().reset('/'));
      ++at;
      return {};
    case '[': {
      std::size_t length = 0;
      auto set = parse_bracket(text.substr(at), length);
      if (!set) return std::unexpected(set.error());
      add_set(*set);
      at += length;
      return {};
    }
    case '\\':
      if (++at == text.size()) return fail(Errc::usage, "nothing follows the last '\\'");
      break;
    default:
      break;
  }
  tokens_.push_back({.kind = Kind::byte, .byte = static_cast<std::uint8_t>(text[at++])});
  return {};
}

void Glob::add_stars(std::string_view text, std::size_t& at) {
  auto begin = at;
  at = std::min(text.find_first_not_of('*', at), text.size());
  auto rest = text.substr(at);
  bool alone = (begin == 0 || text[begin - 1] == '/') &&
               (rest.empty() || rest[0] == '/' || rest.starts_with("\\/"));
  if (at - begin < 2 || !alone) {
    tokens_.push_back({.kind = Kind::star});
  } else if (rest.starts_with('/')) {
    tokens_.push_back({.kind = Kind::folders});
    tokens_.push_back({.kind = Kind::inside});
    ++at;
  } else {
    tokens_.push_back({.kind = Kind::everything});
  }
}

void Glob::add_set(const ByteSet& set) {
  tokens_.push_back({.kind = Kind::set, .set = static_cast<std::uint32_t>(sets_.size())});
  sets_.push_back(set);
}

void Glob::split() {
  auto literal = [](const Token& token) { return token.kind == Kind::byte; };
  auto first = std::ranges::find_if_not(tokens_, literal);
  for (auto token = tokens_.begin(); token != first; ++token)
    prefix_ += static_cast<char>(token->byte);
  tokens_.erase(tokens_.begin(), first);
  auto last = std::find_if_not(tokens_.rbegin(), tokens_.rend(), literal).base();
  for (auto token = last; token != tokens_.end(); ++token)
    suffix_ += static_cast<char>(token->byte);
  tokens_.erase(last, tokens_.end());
}

bool Glob::matches(std::string_view path) const {
  if (path.size() < prefix_.size() + suffix_.size()) return false;
  if (!path.starts_with(prefix_) || !path.ends_with(suffix_)) return false;
  path.remove_prefix(prefix_.size());
  path.remove_suffix(suffix_.size());
  return matches_middle(path);
}

bool Glob::matches_middle(std::string_view text) const {
  if (tokens_.empty()) return text.empty();
  if (tokens_.size() == 1 && tokens_[0].kind == Kind::star) return !text.contains('/');
  States states(tokens_.size() + 1, 0);
  states[0] = 1;
  skip_optional(states);
  for (char c : text)
    if (!advance(states, static_cast<std::uint8_t>(c))) return false;
  return states.back() != 0;
}

// What may match nothing is also passed by.
void Glob::skip_optional(States& states) const {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (states[i] == 0) continue;
    auto kind = tokens_[i].kind;
    if (kind == Kind::star || kind == Kind::everything) states[i + 1] = 1;
    if (kind == Kind::folders) states[i + 1] = states[i + 2] = 1;
  }
}

// From the last to the first, so that what a state leads to is not taken for where we stood.
bool Glob::advance(States& states, std::uint8_t byte) const {
  states.back() = 0;
  for (std::size_t i = tokens_.size(); i-- > 0;) {
    if (states[i] == 0) continue;
    const auto& token = tokens_[i];
    bool taken = takes(token, byte);
    bool stays = token.kind == Kind::star || token.kind == Kind::everything;
    if (taken && !stays) states[i + 1] = 1;
    states[i] = (taken && stays) || token.kind == Kind::inside ? 1 : 0;
  }
  skip_optional(states);
  return std::ranges::any_of(states, [](char state) { return state != 0; });
}

bool Glob::takes(const Token& token, std::uint8_t byte) const {
  switch (token.kind) {
    case Kind::byte:
      return token.byte == byte;
    case Kind::set:
      return sets_[token.set].test(byte);
    case Kind::star:
      return byte != '/';
    case Kind::everything:
      return true;
    case Kind::inside:
      return byte == '/';
    case Kind::folders:
      return false;
  }
  return false;
}

bool matches_glob(std::string_view glob, std::string_view path) {
  auto compiled = Glob::compile(glob);
  return compiled && compiled->matches(path);
}

}  // namespace nigh::files
