// SPDX-License-Identifier: Apache-2.0
#include "cli/escape_keys.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace nigh::cli {
namespace {

using Action = EscapeKeys::Action;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What came of typing `pieces` one after the other.
struct Typed {
  std::string sent;
  std::vector<Action> actions;
};

Typed type(const std::vector<std::string>& pieces, std::optional<char> key = '~') {
  EscapeKeys keys(key);
  Typed result;
  for (std::string_view piece : pieces)
    while (!piece.empty()) {
      auto action = keys.take(piece, result.sent);
      if (action != Action::none) result.actions.push_back(action);
    }
  return result;
}

// The same bytes in one piece, and each by itself.
void expect_typed(const std::string& bytes, const std::string& sent,
                  const std::vector<Action>& actions) {
  std::vector<std::string> single;
  for (char c : bytes) single.emplace_back(1, c);
  for (const auto& pieces : {std::vector{bytes}, single}) {
    auto result = type(pieces);
    EXPECT_EQ(result.sent, sent);
    EXPECT_EQ(result.actions, actions);
  }
}

TEST(EscapeKeysTest, ActOnlyAtTheBeginningOfALine) {
  expect_typed("~.", "", {Action::leave});
  expect_typed("ls\r~d", "ls\r", {Action::detach});
  expect_typed("ls\n~\x1a", "ls\n", {Action::suspend});
  expect_typed("ls ~.", "ls ~.", {});
  expect_typed(" ~.~d", " ~.~d", {});
}

TEST(EscapeKeysTest, TwiceSendsOneAndTheLineHasBegun) {
  expect_typed("~~", "~", {});
  expect_typed("~~.", "~.", {});
  expect_typed("~~~.", "~~.", {});
}

TEST(EscapeKeysTest, WhatIsNoActionIsSentWhole) {
  expect_typed("~ls\r", "~ls\r", {});
  expect_typed("~/bin\r", "~/bin\r", {});
  expect_typed("~\r~.", "~\r", {Action::leave});
}

TEST(EscapeKeysTest, AfterAnActionAnotherMayFollowAtOnce) {
  expect_typed("~?~?~.", "", {Action::help, Action::help, Action::leave});
  expect_typed("~?ls\r", "ls\r", {Action::help});
}

TEST(EscapeKeysTest, AKeyThatMayBeginAnActionWaitsForTheNext) {
  EXPECT_EQ(type({"a\r~"}).sent, "a\r");
  EXPECT_EQ(type({"a\r~", "x"}).sent, "a\r~x");
}

TEST(EscapeKeysTest, WhatFollowsAnActionIsLeftForTheCaller) {
  EscapeKeys keys('~');
  std::string sent;
  std::string_view typed = "~drest";
  EXPECT_EQ(keys.take(typed, sent), Action::detach);
  EXPECT_EQ(typed, "rest");
  EXPECT_EQ(sent, "");
}

TEST(EscapeKeysTest, AnotherKeyOrNone) {
  EXPECT_THAT(type({"\x1d."}, '\x1d').actions, ElementsAre(Action::leave));
  EXPECT_EQ(type({"~."}, '\x1d').sent, "~.");
  auto none = type({"~.\r~d"}, std::nullopt);
  EXPECT_EQ(none.sent, "~.\r~d");
  EXPECT_THAT(none.actions, IsEmpty());
}

TEST(EscapeKeysTest, BytesThatAreNoTextPass) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  expect_typed(bytes, bytes, {});
}

TEST(EscapeKeyTest, IsACharacterOrAControlKeyOrNone) {
  EXPECT_EQ(parse_escape_key("~"), '~');
  EXPECT_EQ(parse_escape_key("^"), '^');
  EXPECT_EQ(parse_escape_key("^]"), '\x1d');
  EXPECT_EQ(parse_escape_key("^b"), '\x02');
  EXPECT_EQ(parse_escape_key("^?"), '\x7f');
  EXPECT_EQ(parse_escape_key("none"), std::nullopt);
  for (auto text : {"", "ab", "^", "\r", "^M", "^J", "^m", "^1", "None"}) {
    auto key = parse_escape_key(text);
    if (std::string_view(text) == "^") continue;
    ASSERT_FALSE(key) << text;
    EXPECT_THAT(key.error().message, HasSubstr("is no key"));
  }
}

TEST(EscapeKeyTest, IsShownAsAPersonWritesIt) {
  EXPECT_EQ(describe_escape_key('~'), "~");
  EXPECT_EQ(describe_escape_key('\x1d'), "^]");
  EXPECT_EQ(describe_escape_key('\x7f'), "^?");
}

TEST(EscapeKeyTest, TheHelpIsForARawTerminal) {
  auto help = escape_help('~', true);
  EXPECT_THAT(help, HasSubstr("\r\n  ~.     end the session\r\n"));
  EXPECT_THAT(help, HasSubstr("\r\n  ~~     send ~\r\n"));
  EXPECT_THAT(escape_help('\x1d', false), HasSubstr("  ^].    leave; the session goes on\r\n"));
  for (std::size_t i = 0; i < help.size(); ++i)
    if (help[i] == '\n') EXPECT_EQ(help[i - 1], '\r');
}

}  // namespace
}  // namespace nigh::cli
