// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal_modes.hpp"

#include <gtest/gtest.h>

namespace nigh::cli {
namespace {

TerminalModes after(std::string_view output) {
  TerminalModes modes;
  modes.saw(output);
  return modes;
}

TEST(TerminalModesTest, TextAndWhatIsPutBackNeedsNothing) {
  EXPECT_EQ(after("").undo(), "");
  EXPECT_EQ(after("ls\r\n\x1b[1;34mbin\x1b[0m etc\r\n").undo(), "");
  EXPECT_EQ(after("\x1b[?1049h\x1b[?25l~\x1b[?25h\x1b[?1049l").undo(), "");
  EXPECT_EQ(after("\x1b]0;title\x07\x1b]52;c;aGk=\x1b\\$ ").undo(), "");
}

TEST(TerminalModesTest, WhatAProgramLeavesBehindIsUndone) {
  EXPECT_EQ(after("\x1b[?1049h").undo(), "\x1b[?1049l");
  EXPECT_EQ(after("\x1b[?25l").undo(), "\x1b[?25h");
  EXPECT_EQ(after("\x1b[?1000;1006h\x1b[?2004h").undo(), "\x1b[?1000l\x1b[?1006l\x1b[?2004l");
  EXPECT_EQ(after("\x1b=").undo(), "\x1b>");
  EXPECT_EQ(after("\x1b(0").undo(), "\x1b(B");
  EXPECT_EQ(after("\x1b[2;20r").undo(),
            "\x1b"
            "7\x1b[r\x1b"
            "8");
  EXPECT_EQ(after("\x1b[31m").undo(), "\x1b[0m");
  EXPECT_EQ(after("\x1b[4 q").undo(), "\x1b[0 q");
  EXPECT_EQ(after("\x1b[>1u\x1b[>3u").undo(), "\x1b[<2u");
  EXPECT_EQ(after("\x1b[>1u\x1b[<u").undo(), "");
  EXPECT_EQ(after("\x1b[=5u").undo(), "\x1b[=0u");
  EXPECT_EQ(after("\x1b[>4;2m").undo(), "\x1b[>4m");
  EXPECT_EQ(after("\x1b[4h").undo(), "\x1b[4l");
}

TEST(TerminalModesTest, MattersOfTasteStay) { EXPECT_EQ(after("\x1b[?12h\x1b[?3l").undo(), ""); }

TEST(TerminalModesTest, AResetUndoesItAll) {
  EXPECT_EQ(after("\x1b[?1049h\x1b[?25l\x1b=\x1b"
                  "c")
                .undo(),
            "");
  EXPECT_EQ(after("\x1b[?25l\x1b[?1h\x1b[2;9r\x1b[!p").undo(), "");
  EXPECT_EQ(after("\x1b[?1000h\x1b[!p").undo(), "\x1b[?1000l");
}

TEST(TerminalModesTest, AreSeenHoweverTheBytesAreCut) {
  std::string output = "a\x1b[?1049h\x1b[?1;2004h\x1b]0;x\x1b\\\x1b(0\x1b[3 q\xe2\x82\xac";
  auto whole = after(output).undo();
  for (std::size_t first = 0; first <= output.size(); ++first)
    for (std::size_t second = first; second <= output.size(); ++second) {
      TerminalModes modes;
      modes.saw(std::string_view(output).substr(0, first));
      modes.saw(std::string_view(output).substr(first, second - first));
      modes.saw(std::string_view(output).substr(second));
      ASSERT_EQ(modes.undo(), whole) << first << ' ' << second;
    }
}

TEST(TerminalModesTest, RedoBringsBackWhatAProgramNeeds) {
  auto modes = after("\x1b[?1049h\x1b[?1h\x1b=\x1b[?25l\x1b[?2004h");
  EXPECT_EQ(modes.redo(), "\x1b[?1049h\x1b[?1h\x1b[?25l\x1b[?2004h\x1b=");
  EXPECT_EQ(after("$ ").redo(), "");
}

TEST(TerminalModesTest, InsideASequenceOrACharacterThereIsNoRest) {
  EXPECT_TRUE(after("").at_rest());
  EXPECT_TRUE(after("$ \x1b[0m").at_rest());
  for (auto output : {"\x1b", "\x1b[", "\x1b[1;3", "\x1b(", "\x1b]52;c;aGk", "\x1bPq", "\xe2\x82",
                      "\xf0\x9f", "x\xc3"})
    EXPECT_FALSE(after(output).at_rest()) << output;
  EXPECT_TRUE(after("\xe2\x82\xac").at_rest());
  EXPECT_TRUE(after("\x1b]0;t\x07").at_rest());
  EXPECT_TRUE(after("\x1b]0;t\x1b\\").at_rest());
  EXPECT_TRUE(after("\x1b[1;\x18").at_rest());
  EXPECT_TRUE(after("\xff\xfe\x80").at_rest());
}

TEST(TerminalModesTest, ACharacterInManyPiecesComesToRest) {
  TerminalModes modes;
  for (auto byte : {"\xf0", "\x9f", "\x98"}) {
    modes.saw(byte);
    EXPECT_FALSE(modes.at_rest());
  }
  modes.saw("\x80");
  EXPECT_TRUE(modes.at_rest());
}

TEST(TerminalModesTest, WhereTextWouldGoElsewhereThereIsNoRest) {
  EXPECT_FALSE(after("\x1b[?6h").at_rest());
  EXPECT_FALSE(after("\x1b[?69h").at_rest());
  EXPECT_FALSE(after("\x1b[4h").at_rest());
  EXPECT_FALSE(after("\x1b(0").at_rest());
}

TEST(TerminalModesTest, ASequenceThatIsCutOffIsEnded) {
  EXPECT_EQ(after("\x1b[1;").undo(), "\x18");
  EXPECT_EQ(after("\x1b]0;half").undo(), "\x18\x1b\\");
}

TEST(TerminalModesTest, NonsenseIsBounded) {
  TerminalModes modes;
  modes.saw("\x1b[?" + std::string(1 << 20, '9') + "h");
  modes.saw("\x1b[?99999999999999999999;-1;;h\x1b[<99999999999u");
  for (int i = 0; i < 1000; ++i) modes.saw("\x1b[>1u");
  EXPECT_EQ(modes.undo(), "\x1b[<16u");
}

}  // namespace
}  // namespace nigh::cli
