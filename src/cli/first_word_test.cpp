// SPDX-License-Identifier: Apache-2.0
#include "cli/first_word.hpp"

#include <gtest/gtest.h>

namespace nigh::cli {
namespace {

TEST(FirstWordTest, WhatIsFarFromEveryCommandIsAHost) {
  for (auto word : {"web1", "build-box", "localhost", "10.0.0.1", "[::1]:7722", "ada@web1",
                    "nigh://web1:7722", "runner.example.org", "rnu@x", "web1:7722"})
    EXPECT_EQ(first_word(word), FirstWord::host) << word;
}

TEST(FirstWordTest, OptionsAreThoseOfShell) {
  EXPECT_EQ(first_word("-v"), FirstWord::host);
  EXPECT_EQ(first_word("--name"), FirstWord::host);
}

TEST(FirstWordTest, WhatIsNearToACommandIsASlip) {
  for (auto word : {"rnu", "docter", "sesions", "atach", "synx", "shel", "db", "killl"})
    EXPECT_EQ(first_word(word), FirstWord::slip) << word;
}

TEST(FirstWordTest, WhatNoHostIsCalledIsNothing) {
  for (auto word : {"", "\x1b[2J", "a b", "ls;id", "$(x)"})
    EXPECT_EQ(first_word(word), FirstWord::nothing) << word;
}

}  // namespace
}  // namespace nigh::cli
