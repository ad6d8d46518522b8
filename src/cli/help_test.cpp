// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include <gmock/gmock.h>

#include "base/text.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const Style kPlain(false);

TEST(HelpTest, NoLineIsWiderThanTheTerminal) {
  for (std::size_t columns : {20u, 40u, 59u, 60u, 80u, 100u}) {
    auto texts = overview(columns, kPlain);
    for (const auto* usage : usages()) texts += help_for(*usage, columns, kPlain);
    for (auto line : split(texts, '\n')) EXPECT_LE(columns_of(line), columns) << line;
  }
}

TEST(HelpTest, NoLineEndsInBlanks) {
  for (const auto* usage : usages())
    EXPECT_THAT(help_for(*usage, 80, kPlain), Not(HasSubstr(" \n"))) << usage->name;
}

TEST(HelpTest, TheOverviewNamesEveryCommandAndAFewExamples) {
  auto text = overview(80, kPlain);
  for (const auto* usage : usages()) EXPECT_THAT(text, HasSubstr(usage->summary));
  EXPECT_EQ(first_examples().size(), 6u);
  for (const auto& example : first_examples()) EXPECT_THAT(text, HasSubstr(example.command));
}

TEST(HelpTest, EveryCommandHasExamples) {
  for (const auto* usage : usages()) {
    EXPECT_FALSE(usage->examples.empty()) << usage->name;
    EXPECT_THAT(help_for(*usage, 80, kPlain), HasSubstr("Examples:\n"));
  }
}

TEST(HelpTest, RunShowsItsOptionsAndExitStatus) {
  auto text = help_for(run_usage(), 80, kPlain);
  EXPECT_THAT(text, HasSubstr("\n  -t, --tty "));
  EXPECT_THAT(text, HasSubstr("\n      --env K=V "));
  EXPECT_THAT(text, HasSubstr("\n  -i, --identity FILE "));
  EXPECT_THAT(text, HasSubstr("\n  -h, --help "));
  EXPECT_THAT(text, HasSubstr("\n  128+N "));
}

TEST(StyleTest, PaintsOnlyWhenOn) {
  EXPECT_EQ(Style(false).bad("x"), "x");
  EXPECT_EQ(Style(true).bad("x"), "\x1b[1;31mx\x1b[0m");
}

}  // namespace
}  // namespace nigh::cli
